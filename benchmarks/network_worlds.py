"""Generated repair networks: markets × classes × months × providers with fees, ramps, contracts, price
lists, batches and commitments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.solve import NetworkProblem


def plain_network(markets: int, classes: int, months: int, providers: int, seed: int = 1) -> NetworkProblem:
    """Opening, monthly costs and capacities only."""
    return _network(markets, classes, months, providers, seed, rich=False)


def rich_network(markets: int, classes: int, months: int, providers: int, seed: int = 1) -> NetworkProblem:
    """With ramps, contracts, minimum fees, commitments, price lists and a batch lane to China per market."""
    return _network(markets, classes, months, providers, seed, rich=True)


def _network(
    markets: int, classes: int, months: int, providers: int, seed: int, rich: bool
) -> NetworkProblem:
    draw = np.random.default_rng(seed)
    names = [f"p{n}" for n in range(providers)]
    home = np.arange(providers) % markets
    base = draw.uniform(20, 200, classes)  # what a refund costs
    volume = draw.lognormal(3.0, 1.0, (markets, classes))
    season = 1 + 0.3 * np.sin(np.arange(months) * np.pi / 6)
    units = np.rint(volume[:, :, None] * season * draw.uniform(0.8, 1.2, (markets, classes, months)))
    total = units.sum(axis=(1, 2)) / months
    fixed = total[home] * draw.uniform(4, 14, providers)
    table = pd.DataFrame(
        {
            "provider": names,
            "open_cost": fixed * draw.uniform(0.5, 3, providers),
            "monthly_cost": fixed * draw.uniform(0.1, 1, providers),
            "capacity": np.rint(total[home] * draw.uniform(0.3, 0.9, providers)),
        }
    )
    if rich:
        table["contract_months"] = draw.choice([0, 6, 12], providers)
        table["ramp"] = [[0.4, 0.7] if r < 0.5 else [] for r in draw.random(providers)]
        table["minimum_fee"] = np.where(draw.random(providers) < 0.4, fixed * 0.5, 0.0)
        table["min_units"] = np.where(draw.random(providers) < 0.3, np.rint(total[home] * 0.1), 0.0)
        table["initially_open"] = draw.random(providers) < 0.2
    cell = np.arange(markets * classes).reshape(markets, classes)
    demand = pd.DataFrame(
        {
            "cell": np.repeat(cell.ravel(), months),
            "month": np.tile(np.arange(1, months + 1), cell.size),
            "units": units.ravel(),
        }
    )
    frames = [
        pd.DataFrame(
            {
                "cell": cell.ravel(),
                "action": "refund",
                "provider": "",
                "unit_cost": np.tile(base, markets),
                "lane": "",
            }
        )
    ]
    for n, name in enumerate(names):
        serves = draw.random(classes) < 0.7
        cost = base[serves] * draw.uniform(0.25, 0.9, serves.sum())
        frames.append(
            pd.DataFrame(
                {
                    "cell": cell[home[n]][serves],
                    "action": name,
                    "provider": name,
                    "unit_cost": cost,
                    "lane": "",
                }
            )
        )
    tiers = lanes = None
    if rich:
        frames += [
            pd.DataFrame(
                {
                    "cell": cell[m],
                    "action": "batch",
                    "provider": "",
                    "unit_cost": base * 0.45,
                    "lane": f"sea {m}",
                }
            )
            for m in range(markets)
        ]
        lanes = pd.DataFrame(
            {
                "lane": [f"sea {m}" for m in range(markets)],
                "batch_cost": 900.0,
                "batch_units": 80.0,
                "holding_cost": 1.0,
                "longest_wait_months": 2.0,
            }
        )
        listed = [name for name, r in zip(names, draw.random(providers)) if r < 0.4]
        tiers = pd.concat(
            [
                pd.DataFrame(
                    {
                        "provider": p,
                        "from_units": [0.0, 50.0, 150.0],
                        "unit_price": [4.0, 2.0, 0.0],
                        "kind": "all_units" if n % 2 else "incremental",
                    }
                )
                for n, p in enumerate(listed)
            ]
        )
    return NetworkProblem(
        table, demand, pd.concat(frames, ignore_index=True), tiers, lanes, discount_rate=0.008
    )
