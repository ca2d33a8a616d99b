"""The dataset: a store on disk that one process writes, and processes that read it and may be killed."""
