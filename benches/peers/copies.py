#!/usr/bin/env python3
"""Writes N shifted copies of a map, side by side, ids apart: how does an import grow? Needs osmium (see travel_times.py).

    python copies.py MAP.osm.pbf N OUT.osm.pbf
"""
import sys
import osmium
from osmium.osm.mutable import Node, Relation, Way


def main():
    source, copies, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    nodes, ways, relations = [], [], []
    for o in osmium.FileProcessor(source):
        tags = dict(o.tags)
        if o.is_node():
            nodes.append((o.id, o.location.lon, o.location.lat, tags))
        elif o.is_way():
            ways.append((o.id, [n.ref for n in o.nodes], tags))
        elif o.is_relation():
            relations.append((o.id, [(m.type, m.ref, m.role) for m in o.members], tags))
    west, east = min(n[1] for n in nodes), max(n[1] for n in nodes)
    side = round(copies ** 0.5)
    apart = max(max(abs(x[0]) for x in kind) for kind in (nodes, ways, relations) if kind) + 1
    shifts = [((k % side) * (east - west) * 0.9, (k // side) * 0.9) for k in range(copies)]
    writer = osmium.SimpleWriter(out, overwrite=True)
    for k, (dx, dy) in enumerate(shifts):
        for i, lon, lat, tags in nodes:
            writer.add_node(Node(id=i + k * apart, location=(min(179.9, lon + dx), lat + dy), tags=tags))
    for k in range(copies):
        for i, refs, tags in ways:
            writer.add_way(Way(id=i + k * apart, nodes=[r + k * apart for r in refs], tags=tags))
    for k in range(copies):
        for i, members, tags in relations:
            writer.add_relation(Relation(id=i + k * apart, members=[(t, r + k * apart, role) for t, r, role in members], tags=tags))
    writer.close()


if __name__ == "__main__":
    main()
