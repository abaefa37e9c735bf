"""Service models of AWS, as botocore publishes them, to drafts of tools."""
