"""`make doctor`: examines both services and what they must agree on, with a token of a throw-away user."""
