"""Stands in for AWS, out of botocore's service models.

botocore has clients only. Its parsers read a request as well as they read an answer, and its serializers write an
answer as well as a request; what is ours is small: forms, routes, samples.
"""
