"""Are the calls right? An independent judge sees what the gateway sends for every tool."""
