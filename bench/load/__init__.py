"""The load: an emitter that stands for the upstream and a client that stands for the readers, both in C."""
