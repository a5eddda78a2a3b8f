"""The embedded sample: a fictional city, its annual reports and the two portals that publish them.

Everything here is invented. The sample stands in for real portals in the demo and in tests,
and knows the truth about every report that it serves (:mod:`sample.truth`).
"""
