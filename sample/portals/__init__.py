"""Simulated government portals, one module per site, that crawls are tested on.

They imitate how real content management systems list, page, deliver and fail; places, organs
and figures are invented. Each site knows the truth about itself (:mod:`sample.portals.truth`).
"""
