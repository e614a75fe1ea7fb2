"""`make load`: people who use the whole stack at once, more and more of them, and then more than it can serve."""
