"""What a person sees of a running gateway: the status page and the lines that connect a client."""
