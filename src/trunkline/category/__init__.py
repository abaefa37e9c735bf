"""One category server: takes allowed calls, builds the request, calls the service, shapes the answer."""
