"""The sum over hospitals that nobody sees a part of: secure aggregation after Bonawitz et al. 2017."""
