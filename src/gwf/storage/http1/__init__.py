"""A small HTTP/1.1 client over pooled blocking sockets, made for many uploads at little CPU."""
