#!/usr/bin/env python3
"""Travel times beside OSRM and Valhalla on the same map, in one run: import, table, isochrone, locating, and how far the times agree.

    python3.12 benches/peers/travel_times.py MAP.osm.pbf [--caregrid target/release/caregrid] [--parts ours,import,table,isochrone,locate,list,copies,beside,ratio]

Installs pyvalhalla, osrm-bindings (needs Python 3.12), osmium and numpy from PyPI into a virtual environment of its own
(CAREGRID_PEERS_VENV, default: a folder of the system's temporary directory) and runs itself there. `ours` runs `cargo bench --bench travel`
on the map, the other parts time whole processes and peers, and `beside` prints what both gave as one table of ratios. `list` runs
`caregrid table` with CSV files of 1,000 and 20,000 places; `copies` imports 25 shifted copies of --copied.
Seconds are CPU seconds (user + system, children included) beside wall seconds, medians of --runs (3).
"""
import argparse, csv, json, math, os, random, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path

VENV = Path(os.environ.get("CAREGRID_PEERS_VENV", Path(tempfile.gettempdir()) / "caregrid-peers"))
PACKAGES = ["pyvalhalla", "osrm-bindings", "osmium", "numpy"]


def enter_venv():
    """Makes the environment once and runs this script in it."""
    python = VENV / "bin" / "python"
    if Path(sys.prefix) == VENV:
        return
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(VENV / "bin" / "pip"), "install", "-q", *PACKAGES], check=True)
    os.execv(str(python), [str(python), *sys.argv])


def measured(run, runs):
    """(wall seconds, CPU seconds) of a function, medians; children count."""
    both = []
    for _ in range(runs):
        before, start = cpu(), time.perf_counter()
        answer = run()
        both.append((time.perf_counter() - start, cpu() - before))
    return statistics.median(w for w, _ in both), statistics.median(c for _, c in both), answer


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def quiet(command, **more):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


class Peers:
    def __init__(self, args):
        import osrm, valhalla
        self.valhalla = Path(valhalla.__file__).parent / "bin"
        self.args, self.map = args, Path(args.map).resolve()
        self.work = Path(tempfile.mkdtemp(prefix="caregrid-peers-"))
        self.osrm = Path(osrm.__file__).parent
        self.car = args.caregrid
        self.out = {}

    def note(self, name, wall, cpu_s, **more):
        self.out[name] = {"wall_s": round(wall, 3), "cpu_s": round(cpu_s, 3), **more}
        print(f"{name:32} wall {wall:8.3f} s   cpu {cpu_s:8.3f} s   {more or ''}", flush=True)

    # ------------------------------------------------------------ import
    def valhalla_config(self):
        tiles = self.work / "valhalla"
        tiles.mkdir(exist_ok=True)
        made = subprocess.run([str(VENV / "bin" / "valhalla_build_config"), "--mjolnir-tile-dir", str(tiles),
                               "--mjolnir-concurrency", "2"], check=True, capture_output=True, text=True).stdout
        config = json.loads(made)
        config["mjolnir"].pop("tile_extract", None)
        config["service_limits"]["auto"]["max_locations"] = 10**6
        path = self.work / "valhalla.json"
        path.write_text(json.dumps(config))
        return path

    def import_(self):
        config = self.valhalla_config()
        wall, used, _ = measured(lambda: quiet([self.valhalla / "valhalla_build_tiles", "-c", config, self.map]), self.args.runs)
        self.note("valhalla tile build, 2 threads", wall, used)
        local = self.work / "map.osm.pbf"
        if not local.exists():
            local.symlink_to(self.map)
        profile = self.osrm / "share" / "profiles" / "car.lua"
        wall, used, _ = measured(lambda: quiet([self.osrm / "bin" / "osrm-extract", "-t", "2", "-p", profile, local]), self.args.runs)
        self.note("osrm extract, 2 threads", wall, used)
        roads, said = self.work / "map.roads", {}
        def ours():
            said.update(json.loads(subprocess.run([self.car, "import", str(self.map), "--out", str(roads), "--json"], check=True,
                                                  capture_output=True, text=True).stdout))
        wall, used, _ = measured(ours, self.args.runs)
        self.note("caregrid import, 2 threads", wall, used, peak_rss_mb=said["peak_rss_mb"])

    # ------------------------------------------------------------ tables
    def points(self, count, seed, near=200):
        """Seeded places within `near` metres of a node of a road open to cars."""
        nodes = self.road_nodes()
        rng = random.Random(seed)
        def place():
            lon, lat = rng.choice(nodes)
            return lon + rng.uniform(-1, 1) * near / 111_000 / math.cos(math.radians(lat)), lat + rng.uniform(-1, 1) * near / 111_000
        return [place() for _ in range(count)]

    def road_nodes(self):
        if not hasattr(self, "nodes"):
            import osmium
            open_ways = {w for w, s in self.speeds().items() if s[0] and s[1]}
            wanted = {"residential", "tertiary", "secondary", "primary", "unclassified"}
            self.nodes = []
            for way in osmium.FileProcessor(str(self.map)).with_locations().with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)):
                if way.id in open_ways and way.tags.get("highway") in wanted and not way.tags.get("access") and not way.tags.get("motor_vehicle"):
                    self.nodes += [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        return self.nodes

    def speeds(self):
        """way id -> km/h along and against, as caregrid prints them, and the whole line."""
        if not hasattr(self, "known"):
            lines = subprocess.run([self.car, "roads", str(self.map), "--mode", "car", "--json"], check=True, capture_output=True, text=True).stdout
            self.known = {}
            for line in lines.splitlines():
                r = json.loads(line)
                self.known[r["way_id"]] = (r["forward_kmh"], r["backward_kmh"], r["reason"])
        return self.known

    def osrm_engine(self, profile, base, contract=True):
        import osrm
        base = self.work / base
        local = base.with_suffix(".osm.pbf")
        if not local.exists():
            local.symlink_to(self.map)
        quiet([self.osrm / "bin" / "osrm-extract", "-t", "2", "-p", profile, local])
        if contract:
            wall, used, _ = measured(lambda: quiet([self.osrm / "bin" / "osrm-contract", "-t", "2", str(base) + ".osrm"]), 1)
            self.note(f"osrm contract ({base.name}), 2 threads", wall, used)
        return osrm.OSRM(storage_config=str(base) + ".osrm", use_shared_memory=False, algorithm="CH", max_locations_distance_table=10**6)

    def table(self):
        engine = self.osrm_engine(self.osrm / "share" / "profiles" / "car.lua", "table")
        import osrm
        a, b = self.points(1_000, 1), self.points(20_000, 2)
        asked = osrm.TableParameters(coordinates=a + b, sources=list(range(len(a))), destinations=list(range(len(a), len(a) + len(b))))
        wall, used, _ = measured(lambda: engine.Table(asked), 1)
        self.note("osrm CH table 1000 x 20000", wall, used, note="snaps and writes JSON too")

    # ------------------------------------------------------------ isochrone, locate
    def actor(self):
        import valhalla
        config = self.work / "valhalla.json"
        if not config.exists():
            config = self.valhalla_config()
            quiet([self.valhalla / "valhalla_build_tiles", "-c", config, self.map])
        return valhalla.Actor(str(config))

    def isochrone(self):
        actor, times = self.actor(), []
        for lon, lat in self.points(15, 3, 0):
            ask = {"locations": [{"lat": lat, "lon": lon}], "costing": "auto", "contours": [{"time": 30}], "polygons": True}
            times.append(measured(lambda: actor.isochrone(ask), 1)[:2])
        self.note("valhalla isochrone 30 min, median", *(statistics.median(t[i] for t in times) for i in (0, 1)))

    def locate(self):
        actor = self.actor()
        ask = {"locations": [{"lat": lat, "lon": lon} for lon, lat in self.points(20_000, 4)], "costing": "auto", "verbose": False}
        wall, used, _ = measured(lambda: actor.locate(ask), 1)
        self.note("valhalla locate 20000 points", wall, used)

    # ------------------------------------------------------------ our own side
    def ours(self):
        """The bench of the crate, built as its profile says; its last line is one JSON object of milliseconds."""
        told = subprocess.run(["cargo", "bench", "--bench", "travel", "--", str(self.map)], check=True, capture_output=True, text=True,
                              cwd=Path(__file__).parents[2]).stdout
        print(told, flush=True)
        self.out["bench"] = json.loads(told.strip().splitlines()[-1])

    def list(self):
        """The command a person gives: 1,000 x 20,000 places in CSV files, within 30 minutes."""
        roads, files = self.roads_file(), []
        for name, count, seed in (("from", 1_000, 1), ("to", 20_000, 2)):
            files.append(self.work / f"{name}.csv")
            with open(files[-1], "w", newline="") as f:
                csv.writer(f).writerows([("lon", "lat")] + [(f"{x:.7f}", f"{y:.7f}") for x, y in self.points(count, seed)])
        said = {}
        def run():
            command = [self.car, "table", roads, "--mode", "car", "--from", files[0], "--to", files[1], "--limit-s", "1800",
                       "--out", self.work / "list.npy", "--json"]
            said.update(json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout))
        wall, used, _ = measured(run, self.args.runs)
        self.note("caregrid table 1000 x 20000", wall, used, **{k: said[k] for k in ("prepare_ms", "table_ms", "snapped", "unsnapped", "engine")})

    def copies(self):
        """How an import grows: 25 shifted copies of a map."""
        joined, said = self.work / "copies.osm.pbf", {}
        quiet([sys.executable, Path(__file__).parent / "copies.py", self.args.copied, 25, joined])
        def run():
            said.update(json.loads(subprocess.run([self.car, "import", str(joined), "--out", str(self.work / "copies.roads"), "--json"],
                                                  check=True, capture_output=True, text=True).stdout))
        wall, used, _ = measured(run, 1)
        self.note("caregrid import, 25 copies", wall, used, peak_rss_mb=said["peak_rss_mb"], nodes=said["nodes"])

    def beside(self):
        """Ratios of CPU time where both sides of a row were run."""
        bench = {k: v / 1e3 for k, v in self.out.get("bench", {}).items() if k.endswith("_ms")}
        seconds = {**bench, **{k: v["cpu_s"] for k, v in self.out.items() if isinstance(v, dict) and "cpu_s" in v}}
        rows = [("import", "caregrid import, 2 threads", "valhalla tile build, 2 threads", 8), ("import", "caregrid import, 2 threads", "osrm extract, 2 threads", 8),
                ("order", "order_cpu_ms", "osrm extract, 2 threads", 0.5), ("customise again", "customise_cpu_ms", "order_cpu_ms", 20),
                ("customise an edit", "edit_cpu_ms", "order_cpu_ms", 20),
                ("table 1000 x 20000", "table_1000x20000_cpu_ms", "table_1000x20000_bucket_ms", 50),
                ("table 1000 x 20000", "table_1000x20000_cpu_ms", "osrm CH table 1000 x 20000", 250),
                ("two threads, wall", "table_1000x20000_wall_2_ms", "table_1000x20000_wall_ms", 1.7),
                ("table 300 x 5000", "table_300x5000_cpu_ms", "table_300x5000_bucket_ms", 50), ("table 300 x 5000", "table_300x5000_cpu_ms", "table_300x5000_heap_ms", 100),
                ("isochrone", "isochrone_cpu_ms", "valhalla isochrone 30 min, median", 10), ("isochrone, fresh index", "isochrone_first_cpu_ms", "valhalla isochrone 30 min, median", 10),
                ("what-if, one outlet", "add_outlet_cpu_ms", "search_cpu_ms", 1), ("what-if, 32 moves", "preview_32_cpu_ms", "search_cpu_ms", 1),
                ("snapping 20000 points", "snap_20000_cpu_ms", "valhalla locate 20000 points", 10)]
        for name, ours, theirs, asked in rows:
            if ours in seconds and theirs in seconds:
                ratio = seconds[theirs] / seconds[ours]
                print(f"{name:24} {seconds[ours] * 1e3:10.1f} ms   {theirs:34} {seconds[theirs] * 1e3:10.1f} ms   {ratio:7.2f} x (asked {asked:g})")

    # ------------------------------------------------------------ do the times agree?
    def own_profile(self):
        """OSRM's machinery with our speeds and our access: no penalty for turns, U-turns or signals, barriers as in our mode file."""
        table = self.work / "speeds.lua"
        rows = ",\n".join(f"[{w}]={{{s[0] or 0},{s[1] or 0}}}" for w, s in self.speeds().items())
        table.write_text("return {\n" + rows + "\n}\n")
        text = PROFILE.replace("SPEEDS", str(table))
        path = self.work / "ours.lua"
        path.write_text(text)
        return path

    def ratio(self):
        import numpy as np, osrm
        engine = self.osrm_engine(self.own_profile(), "ratio")
        rng = random.Random(5)
        at = [rng.choice(self.road_nodes()) for _ in range(2 * 2_000)]
        a, b = at[:2_000], at[2_000:]
        ours = []
        for k in range(0, 2_000, 50):
            for name, points in (("a", a[k:k + 50]), ("b", b[k:k + 50])):
                with open(self.work / f"{name}.csv", "w", newline="") as f:
                    csv.writer(f).writerows([("lon", "lat")] + [(f"{x:.7f}", f"{y:.7f}") for x, y in points])
            quiet([self.car, "table", self.roads_file(), "--mode", "car", "--engine", "dijkstra", "--from", self.work / "a.csv", "--to", self.work / "b.csv", "--out", self.work / "t.npy"])
            ours += [float(x) for x in np.load(self.work / "t.npy").diagonal()]
        theirs = []
        for p, q in zip(a, b):
            try:
                answer = engine.Route(osrm.RouteParameters(coordinates=[p, q], annotations=["nodes"], overview="false"))
                route, hops = answer["routes"][0], [float(w["distance"]) for w in answer["waypoints"]]
                theirs.append((float(route["duration"]), [int(n) for leg in route["legs"] for n in leg["annotation"]["nodes"]], hops))
            except Exception:
                theirs.append((math.inf, [], [0, 0]))
        pairs = [(o, t, k) for k, (o, (t, *_)) in enumerate(zip(ours, theirs)) if o < 4294967295 and t < math.inf and t >= 60]
        ratios = sorted(o / t for o, t, _ in pairs)
        share = lambda q: ratios[min(len(ratios) - 1, int(q * len(ratios)))]
        only = sum((o < 4294967295) != (t[0] < math.inf) for o, t in zip(ours, theirs))
        print(f"{len(pairs)} pairs both reach (60 s and more): ratio median {share(.5):.4f}, 5th {share(.05):.4f}, 95th {share(.95):.4f}; one side only: {only}")
        # OSRM starts and ends for free at the nearest large piece of network; where that is the place itself both sides answer one question.
        same = sorted(o / t for o, t, k in pairs if max(theirs[k][2]) <= 1)
        print(f"  where OSRM snaps within 1 m of both places: {len(same)} pairs, ratio {same[0]:.4f} to {same[-1]:.4f}")
        self.out["ratio"] = {"pairs": len(pairs), "median": share(.5), "p05": share(.05), "p95": share(.95), "one_side_only": only}
        alone = [(o, t, k) for k, (o, (t, *_)) in enumerate(zip(ours, theirs)) if (o < 4294967295) != (t < math.inf)]
        self.explain(sorted(pairs, key=lambda x: -abs(math.log(max(x[0], 1) / x[1])))[:20], theirs, a, b)
        print("reached by one side only:")
        self.explain(alone[:12], theirs, a, b)

    def roads_file(self):
        path = self.work / "ratio.roads"
        if not path.exists():
            quiet([self.car, "import", self.map, "--out", path])
        return path

    def network(self):
        """The map as both sides see it: nodes, ways, barriers, restrictions, and what a barrier costs us."""
        import osmium, tomllib
        net = {"at": {}, "steps": {}, "out": {}, "tags": {}, "barrier": {}, "turns": {}, "into": {}, "touch": {}}
        rules = tomllib.loads((Path(__file__).parents[2] / "data/modes/car.toml").read_text())
        net["blocked"] = set(rules.get("barrier", {}).get("blocked", []))
        net["cost"] = rules.get("barrier", {}).get("cost_s", {})
        for o in osmium.FileProcessor(str(self.map)).with_locations():
            if o.is_way() and o.id in self.speeds():
                at = [(n.ref, (n.lon, n.lat) if n.location.valid() else None) for n in o.nodes]
                net["tags"][o.id] = dict(o.tags)
                net["at"].update((n, p) for n, p in at if p)
                for n, _ in at:
                    net["touch"].setdefault(n, []).append(o.id)
                forward, backward, _ = self.speeds()[o.id]
                for (x, p), (y, q) in zip(at, at[1:]):
                    for u, v, kmh in ((x, y, forward), (y, x, backward)):
                        if kmh and p and q:
                            seconds = metres(p, q) * 3.6 / kmh
                            net["out"].setdefault(u, []).append((v, seconds, o.id))
                            net["into"].setdefault(v, []).append(u)
                            if (u, v) not in net["steps"] or seconds < net["steps"][u, v][1]:
                                net["steps"][u, v] = (o.id, seconds)
            elif o.is_node() and "barrier" in o.tags:
                net["barrier"][o.id] = dict(o.tags)
            elif o.is_relation() and str(o.tags.get("type", "")).startswith("restriction"):
                role = lambda r: {(m.type, m.ref) for m in o.members if m.role == r}
                net["turns"][o.id] = (dict(o.tags), role("from"), role("via"), role("to"))
        return net

    def shortest(self, net, start, goal):
        """The quickest path by our speeds whatever the restrictions: textbook, with gates' costs."""
        import heapq
        best, before, heap = {start: 0.0}, {}, [(0.0, start)]
        while heap:
            d, u = heapq.heappop(heap)
            if u == goal:
                break
            if d > best[u]:
                continue
            for v, s, _ in net["out"].get(u, ()):
                if net["barrier"].get(v, {}).get("barrier") in net["blocked"] and v != goal:
                    continue
                s += net["cost"].get(net["barrier"].get(v, {}).get("barrier"), 0)
                if d + s < best.get(v, math.inf):
                    best[v], before[v] = d + s, u
                    heapq.heappush(heap, (d + s, v))
        path = [goal]
        while path[-1] in before:
            path.append(before[path[-1]])
        return best.get(goal, math.inf), path[::-1]

    def explain(self, worst, theirs, a, b):
        """Both paths way by way: theirs priced with our speeds, the quickest by our speeds, and what stands on either."""
        net = self.network()
        place = {}
        for n, p in net["at"].items():
            place.setdefault((round(p[0], 7), round(p[1], 7)), n)
        for rank, (o, t, k) in enumerate(worst, 1):
            ends = [place.get((round(p[0], 7), round(p[1], 7))) for p in (a[k], b[k])]
            their = theirs[k][1]
            used = [net["steps"].get(s) for s in zip(their, their[1:])]
            priced = sum(u[1] for u in used if u)
            free, ours = self.shortest(net, *ends) if None not in ends else (math.inf, [])
            hops = theirs[k][2]
            rounding = 1 + 0.05 * len(used)
            if max(hops) > 1:
                why = f"OSRM begins {hops[0]:.0f} m and ends {hops[1]:.0f} m away from the places, for free"
            elif abs(o - free) <= 1.1 and abs(o - t) <= rounding:
                why = "whole seconds rounded up here, tenths rounded a piece there"
            else:
                why = "see below"
            print(f"{rank:2}. [{why}] {o:7.0f} s here, {t:7.1f} s there ({o / t:.3f}); their path at our speeds {priced:.1f} s in {len(used)} pieces, "
                  f"quickest without restrictions {free:.1f} s   {a[k][1]:.7f},{a[k][0]:.7f} -> {b[k][1]:.7f},{b[k][0]:.7f}")
            for name, path in (("there", their), ("here ", ours)):
                far = [(path[i], round(metres(net["at"][path[i]], p))) for i, p in ((0, a[k]), (-1, b[k])) if path and path[i] in net["at"]]
                print(f"      {name} the path runs from and to (node, metres from the place) {far}")
            for side, p, n in (("start", a[k], ends[0]), ("goal", b[k], ends[1])):
                for text in self.cut_off(net, n):
                    print(f"      {side} {text}")
            only = lambda path, other: [(w, s) for w, s in self.by_way(net, path) if w not in {x for x, _ in self.by_way(net, other)}]
            for name, path, other in (("there", their, ours), ("here ", ours, their)):
                rows = sorted(only(path, other), key=lambda r: -r[1])[:4]
                for w, s in rows:
                    print(f"      only {name} way {w} {s:.1f} s {brief(net['tags'][w])} {self.speeds()[w]}")
                stops = {n for n in path if n in net["barrier"]}
                for n in sorted(stops):
                    print(f"      {name} barrier {n} {net['barrier'][n]} costs us {net['cost'].get(net['barrier'][n]['barrier'], 0)} s")
                for text in self.restrictions_on(net, path):
                    print(f"      {name} {text}")

    def cut_off(self, net, start):
        """Where a small network around a place ends, and by which tag."""
        seen, open_ = {start}, [start]
        while open_ and len(seen) < 200:
            u = open_.pop()
            for v in [v for v, _, _ in net["out"].get(u, ())] + net["into"].get(u, []):
                if v not in seen:
                    seen.add(v)
                    open_.append(v)
        if len(seen) >= 200:
            return
        yield f"lies in a scrap of {len(seen)} nodes: its times are those of the nearest usable road and a walk"
        for n in seen:
            for w in net["touch"].get(n, ()):
                forward, backward, reason = self.speeds()[w]
                if not forward and not backward:
                    yield f"cut off at node {n} by way {w} {brief(net['tags'][w])}: {reason}"

    def by_way(self, net, path):
        """(way, seconds) along a path of nodes, ways once."""
        seconds = {}
        for step in zip(path, path[1:]):
            way, s = net["steps"].get(step, (None, 0))
            if way is not None:
                seconds[way] = seconds.get(way, 0) + s
        return list(seconds.items())

    def restrictions_on(self, net, path):
        ways = [net["steps"].get(s, (None,))[0] for s in zip(path, path[1:])]
        for number, (tags, froms, vias, tos) in net["turns"].items():
            kinds = {k: v for k, v in tags.items() if "restriction" in k or k == "except"}
            for i, (x, y) in enumerate(zip(ways, ways[1:])):
                node = ("n", path[i + 1])
                if ("w", x) not in froms or not (node in vias or ("w", y) in vias):
                    continue
                only = any(str(v).startswith("only") for v in kinds.values())
                meant = ("w", y) in tos if node in vias else any(("w", z) in tos for z in ways[i + 2:])
                if meant != only:
                    yield f"restriction {number} {kinds} stands against it at node {path[i + 1]}, way {x} to {y}"


def metres(p, q):
    """Local formula on WGS 84."""
    e2, lat = 0.00669437999014, math.radians((p[1] + q[1]) / 2)
    w = 1 - e2 * math.sin(lat) ** 2
    north = math.radians(q[1] - p[1]) * 6378137 * (1 - e2) / w ** 1.5
    return math.hypot(math.radians(q[0] - p[0]) * 6378137 / math.sqrt(w) * math.cos(lat), north)


def brief(tags):
    """The tags that may matter to a car."""
    keys = ("highway", "name", "ref", "oneway", "junction", "access", "motor_vehicle", "motorcar", "vehicle", "maxspeed", "route", "duration", "service", "surface", "layer")
    return {k: tags[k] for k in keys if k in tags}


PROFILE = r'''
api_version = 4
local speeds = dofile("SPEEDS")
local blocked = {bollard=1, block=1, planter=1, stile=1, kissing_gate=1, turnstile=1, ["full-height_turnstile"]=1, cycle_barrier=1, motorcycle_barrier=1,
  jersey_barrier=1, log=1, debris=1, chain=1, rope=1, wall=1, fence=1, hedge=1, ditch=1, horse_stile=1, bus_trap=1, sump_buster=1, hampshire_gate=1,
  wicket_gate=1, bump_gate=1}
local denied = {no=1, agricultural=1, forestry=1, permit=1, emergency=1, military=1, psv=1, bus=1, use_sidepath=1, dismount=1, restricted=1, employees=1, staff=1}
function setup()
  return {
    properties = { weight_name = "duration", max_speed_for_map_matching = 180/3.6, use_turn_restrictions = true, continue_straight_at_waypoint = false,
      u_turn_penalty = 0, traffic_light_penalty = 0, left_hand_driving = false },
    restrictions = { "motorcar", "motor_vehicle", "vehicle" }
  }
end
local function speaks(o)
  for _, key in ipairs({"motorcar", "motor_vehicle", "vehicle", "access"}) do
    local v = o:get_value_by_key(key)
    if v and v ~= "" then return key, v end
  end
end
function process_node(profile, node, result)
  local kind = node:get_value_by_key("barrier")
  if not kind or kind == "" then return end
  local key, value = speaks(node)
  if value and denied[value] then result.barrier = true
  elseif value and key ~= "access" then result.barrier = false
  else result.barrier = blocked[kind] ~= nil end
end
function process_way(profile, way, result)
  local s = speeds[way:id()]
  if not s then return end
  result.forward_mode = s[1] > 0 and mode.driving or mode.inaccessible
  result.backward_mode = s[2] > 0 and mode.driving or mode.inaccessible
  result.forward_speed, result.backward_speed = s[1], s[2]
  result.forward_rate, result.backward_rate = s[1] / 3.6, s[2] / 3.6
end
function process_turn(profile, turn)
  turn.duration, turn.weight = 0, 0
end
return { setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn }
'''


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("map")
    cli.add_argument("--caregrid", default="target/release/caregrid")
    cli.add_argument("--parts", default="ours,import,table,isochrone,locate,list,beside")
    cli.add_argument("--copied", help="the map that `copies` copies")
    cli.add_argument("--runs", type=int, default=3)
    args = cli.parse_args()
    enter_venv()
    args.caregrid = str(Path(args.caregrid).resolve())
    peers = Peers(args)
    for part in args.parts.split(","):
        getattr(peers, "import_" if part == "import" else part)()
    print(json.dumps(peers.out))


if __name__ == "__main__":
    main()
