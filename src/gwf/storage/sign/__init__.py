"""Request signatures of the supported object storage services, as pure functions."""
