"""How the service is served: limits on a connection before the application sees a request."""
