"""What an application that uses the library needs to test its protected routes: real tokens, without an IdP."""
