"""Hot configuration: versions, differences, and changes of a running edge that drop nothing."""
