"""How the service is served: what a connection may cost before the application sees a request."""
