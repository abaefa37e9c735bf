"""The pages of the dashboard. They show what the admin API answers, and ask nothing but its functions."""
