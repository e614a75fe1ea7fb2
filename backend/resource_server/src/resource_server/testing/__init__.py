"""What an application that uses the library needs to test its protected routes: with real tokens, and no IdP."""
