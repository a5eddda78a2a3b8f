"""Settings for all tests."""

import os

from hypothesis import settings

# Property tests look for new examples on developers' machines; a run that decides about a
# change tries the same ones each time. Shared machines are slow now and then: no deadline.
settings.register_profile("search", deadline=None)
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady" if os.environ.get("CI") else "search")
