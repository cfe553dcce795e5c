"""The guard: what uvicorn leaves open between a network and the application, so that no front proxy is needed.

::

    bounds     every limit, its default and what happens at it
    refusals   the answers to what is refused, in the contract's shape, as bytes
    heads      a request's head, taken apart strictly (pure)
    bodies     where a request's body ends (pure)
    requests   a connection's bytes cut into one request at a time (pure)
    pace       whether a reader takes what it is sent (pure)
    door       who may connect: so many in all, so many per address
    sockets    what the kernel may hold for a connection
    files      room for so many connections
    outlet     the way out of a connection, which can be shut
    protocol   all of these in front of uvicorn's protocol
    stopping   a uvicorn server that lets answers end before it stops
"""
