"""A harbour at the tide of the day."""

from flotilla_sample_tides import tide


def harbour():
    return "the harbour at " + tide()
