"""Calls of AWS: botocore builds, signs and reads them, our own client carries them."""
