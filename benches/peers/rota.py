#!/usr/bin/env python3
"""Routers of the Python index on a generated month, beside caregrid in the same run: rota.py INSTANCE.json [--seconds N] [--steps N] [PEER...]

    cargo build --release --example rota && pip install pyvroom pyvrp ortools numpy pandas
    python3 benches/peers/rota.py i.json --seconds 60

No router knows a client who is owed several visits some days apart by one caregiver, so the days are chosen beforehand (spread over
the month, the client's blocked weekdays left out, the least loaded caregiver's days first) and every visit is a job of its own day:
VROOM holds the day by a time window over the month at once; PyVRP and OR-Tools plan day by day, since no constraint of theirs joins the days.
What each cannot express shows in the rules its plan breaks, counted from the instance alone: spacing holds by the days chosen, one
caregiver a client and the month's hours may not.
"""
import argparse, csv, json, math, os, resource, subprocess, tempfile, time
from collections import Counter, defaultdict

DAY = 86_400


def trip(inst, a, b):
    d = math.hypot(a[0] - b[0], a[1] - b[1])
    return 0 if d == 0 else int(round(inst["fix"] + inst["detour"] * d / inst["speed"]))


def chosen_days(inst):
    """[(client, day)]: days at least `min_gap` apart, evenly loaded"""
    load, jobs = Counter(), []
    for c in sorted(inst["clients"], key=lambda c: len(c["eligible"])):
        free = [d for d in inst["days"] if (d - 1) % 7 not in c["blocked_wd"]
                and any(d not in inst["caregivers"][g]["leave"] for g in c["eligible"])]
        best = None
        def grow(days, rest, price):
            nonlocal best
            if rest == 0:
                if best is None or price < best[0]: best = (price, days)
                return
            for d in free:
                if not days or d - days[-1] >= inst["min_gap"]:
                    grow(days + [d], rest - 1, price + load[d])
        grow([], c["visits"], 0)
        for d in best[1] if best else []:
            load[d] += c["service"]
            jobs.append((c["id"], d))
    return jobs


def judge(inst, plan):
    """plan: (caregiver, day) -> clients in order; the same counts whoever planned"""
    n, who, hours, seen = Counter(), defaultdict(set), Counter(), defaultdict(list)
    for (g, d), stops in plan.items():
        carer = inst["caregivers"][g]
        t, at, waited, slack = carer["shift"][0], carer["xy"], 0, DAY
        for c in (inst["clients"][c] for c in stops):
            leg = trip(inst, at, c["xy"])
            n["travel s"] += leg
            waited += max(0, c["tw"][0] - t - leg)
            t = max(c["tw"][0], t + leg)
            n["windows"] += t + c["service"] > c["tw"][1]
            slack = min(slack, waited + max(0, c["tw"][1] - c["service"] - t))
            t, at = t + c["service"], c["xy"]
            n["not eligible"] += g not in c["eligible"]
            who[c["id"]].add(g)
            seen[c["id"]].append(d)
        leg = trip(inst, at, carer["xy"])
        n["travel s"] += leg
        # The day begins as late as its waiting allows.
        long = t + leg - carer["shift"][0] - min(waited, slack)
        hours[g] += long
        n["days over 8 h"] += long > carer["max_day"]
        n["on leave"] += len(stops) * (d in carer["leave"])
    n["unplaced"] = sum(c["visits"] - len(seen[c["id"]]) for c in inst["clients"])
    n["clients with several caregivers"] = sum(len(g) > 1 for g in who.values())
    n["months over 160 h"] = sum(h > inst["caregivers"][g]["max_month"] for g, h in hours.items())
    n["spacing"] = sum(b - a < inst["min_gap"] for days in map(sorted, seen.values()) for a, b in zip(days, days[1:]))
    return {"travel_h": round(n.pop("travel s") / 3600, 1), **n}


def vroom_plan(inst, jobs, seconds):
    """one vehicle a caregiver over the whole month, one job a visit with the window of its day"""
    import numpy as np, vroom
    places = [g["xy"] for g in inst["caregivers"]] + [c["xy"] for c in inst["clients"]]
    first = len(inst["caregivers"])
    matrix = np.array([[trip(inst, a, b) for b in places] for a in places], dtype=np.uint32)
    problem = vroom.Input()
    problem.set_durations_matrix("car", matrix)
    # One skill a client: a caregiver has the skills of those they may serve.
    serves = [{c["id"] for c in inst["clients"] if g["id"] in c["eligible"]} for g in inst["caregivers"]]
    for g in inst["caregivers"]:
        for d in inst["days"]:
            if d not in g["leave"]:
                window = vroom.TimeWindow(d * DAY + g["shift"][0], d * DAY + g["shift"][1])
                problem.add_vehicle(vroom.Vehicle(g["id"] * 100 + d, start=g["id"], end=g["id"], skills=serves[g["id"]], time_window=window))
    for k, (c, d) in enumerate(jobs):
        client = inst["clients"][c]
        window = vroom.TimeWindow(d * DAY + client["tw"][0], d * DAY + client["tw"][1] - client["service"])
        problem.add_job(vroom.Job(k, location=first + c, default_service=client["service"], skills={c}, time_windows=[window]))
    solution = problem.solve(exploration_level=5, nb_threads=1)
    plan = defaultdict(list)
    for row in solution.routes.itertuples():
        if row.type == "job": plan[int(row.vehicle_id) // 100, int(row.vehicle_id) % 100].append(jobs[int(row.id)][0])
    return plan


def pyvrp_plan(inst, jobs, seconds):
    """day by day, since no constraint joins the days; one profile a caregiver carries who may serve whom"""
    import pyvrp, pyvrp.stop
    plan, days = defaultdict(list), defaultdict(list)
    for c, d in jobs: days[d].append(c)
    for d, clients in days.items():
        model = pyvrp.Model()
        at = lambda p: model.add_location(p[0], p[1])
        carers = [g for g in inst["caregivers"] if d not in g["leave"]]
        base = [at(g["xy"]) for g in carers]
        home = [at(inst["clients"][c]["xy"]) for c in clients]
        depots = [model.add_depot(b) for b in base]
        for c, h in zip(clients, home):
            client = inst["clients"][c]
            model.add_client(h, service_duration=client["service"], tw_early=client["tw"][0], tw_late=client["tw"][1] - client["service"],
                             prize=20_000, required=False)
        for g, depot, b in zip(carers, depots, base):
            profile = model.add_profile()
            model.add_vehicle_type(1, start_depot=depot, end_depot=depot, tw_early=g["shift"][0], tw_late=g["shift"][1],
                                   shift_duration=g["max_day"], profile=profile)
            mine = [(h, inst["clients"][c]["xy"]) for c, h in zip(clients, home) if g["id"] in inst["clients"][c]["eligible"]]
            here = [(b, g["xy"])] + mine
            for x, p in here:
                for y, q in here:
                    if x is not y: model.add_edge(x, y, trip(inst, p, q), trip(inst, p, q), profile=profile)
        result = model.solve(stop=pyvrp.stop.MaxRuntime(seconds / len(days)), seed=1, display=False)
        for route in result.best.routes():
            stops = [clients[a.idx] for a in route if a.is_client()]
            if stops: plan[carers[route.vehicle_type()]["id"], d] = stops
    return plan


def ortools_plan(inst, jobs, seconds):
    """day by day; a caregiver is a vehicle, the day's eight hours bound the span of their time"""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2
    plan, days = defaultdict(list), defaultdict(list)
    for c, d in jobs: days[d].append(c)
    for d, clients in days.items():
        carers = [g for g in inst["caregivers"] if d not in g["leave"]]
        places = [g["xy"] for g in carers] + [inst["clients"][c]["xy"] for c in clients]
        legs = [[trip(inst, a, b) for b in places] for a in places]
        stay = [0] * len(carers) + [inst["clients"][c]["service"] for c in clients]
        manager = pywrapcp.RoutingIndexManager(len(places), len(carers), list(range(len(carers))), list(range(len(carers))))
        model = pywrapcp.RoutingModel(manager)
        at = manager.IndexToNode
        model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitCallback(lambda i, j: legs[at(i)][at(j)]))
        passing = model.RegisterTransitCallback(lambda i, j: stay[at(i)] + legs[at(i)][at(j)])
        model.AddDimension(passing, DAY, DAY, False, "time")
        clock = model.GetDimensionOrDie("time")
        for k, g in enumerate(carers):
            clock.SetSpanUpperBoundForVehicle(g["max_day"], k)
            clock.CumulVar(model.Start(k)).SetRange(*g["shift"]); clock.CumulVar(model.End(k)).SetRange(*g["shift"])
        row = {g["id"]: k for k, g in enumerate(carers)}
        for k, c in enumerate(clients):
            client, node = inst["clients"][c], manager.NodeToIndex(len(carers) + k)
            clock.CumulVar(node).SetRange(client["tw"][0], client["tw"][1] - client["service"])
            model.VehicleVar(node).SetValues([-1] + sorted(row[g] for g in client["eligible"] if g in row))
            model.AddDisjunction([node], 20_000)
        search = pywrapcp.DefaultRoutingSearchParameters()
        search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        search.time_limit.FromMilliseconds(max(1, int(1000 * seconds / len(days))))
        answer = model.SolveWithParameters(search)
        for k, g in enumerate(carers if answer else []):
            i, stops = answer.Value(model.NextVar(model.Start(k))), []
            while not model.IsEnd(i):
                stops.append(clients[at(i) - len(carers)]); i = answer.Value(model.NextVar(i))
            if stops: plan[g["id"], d] = stops
    return plan


def caregrid_plan(inst, path, steps):
    """the library's example, one thread; it chooses the days itself"""
    with tempfile.NamedTemporaryFile("r", suffix=".csv") as out:
        program = os.path.join(os.path.dirname(__file__), "../../target/release/examples/rota")
        subprocess.run([program, path, "--out", out.name, "--steps", str(steps)], check=True, stdout=subprocess.DEVNULL)
        plan = defaultdict(list)
        for row in csv.DictReader(out): plan[int(row["caregiver"]), int(row["day"])].append(int(row["client"]))
    return plan


def cpu_seconds():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("instance"); cli.add_argument("peers", nargs="*", default=["caregrid", "vroom", "pyvrp", "ortools"])
    cli.add_argument("--seconds", type=float, default=60); cli.add_argument("--steps", type=int, default=1_900_000)
    o = cli.parse_args()
    inst = json.load(open(o.instance))
    jobs = chosen_days(inst)
    for peer in o.peers:
        begin, cpu = time.time(), cpu_seconds()
        if peer == "caregrid": plan = caregrid_plan(inst, o.instance, o.steps)
        else: plan = {"vroom": vroom_plan, "pyvrp": pyvrp_plan, "ortools": ortools_plan}[peer](inst, jobs, o.seconds)
        seconds = dict(wall_s=round(time.time() - begin, 1), cpu_s=round(cpu_seconds() - cpu, 1))
        print(json.dumps({"peer": peer, **seconds, **judge(inst, plan)}), flush=True)


if __name__ == "__main__":
    main()
