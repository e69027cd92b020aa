"""One module a kind of job; each has `run(job, context)`."""
