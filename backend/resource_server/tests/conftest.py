"""Settings of all tests of the library."""

from hypothesis import settings

# A busy machine may take longer for one example than Hypothesis allows; these tests don't check time.
settings.register_profile("without a deadline", deadline=None)
settings.load_profile("without a deadline")
