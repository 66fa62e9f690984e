"""Cells and ways out of the network as one text each: the names that the solver and strategy.csv call them
by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.network.demand import CELL

_BAR = "|"


def cell_label(table: pd.DataFrame) -> pd.Series:
    """market|product_class|need of each row."""
    return table[CELL[0]].str.cat([table[name] for name in CELL[1:]], sep=_BAR)


def cell_parts(label: str) -> list[str]:
    """Market, class and need of a cell."""
    return label.split(_BAR)


def cells_of(labels: pd.Series) -> np.ndarray:
    """Market, class and need of each label.   (N, 3) object"""
    return np.array([cell_parts(label) for label in labels], object).reshape(len(labels), len(CELL))


def action_label(table: pd.DataFrame) -> pd.Series:
    """resolution|provider of each row, with its bar even where nobody else is needed."""
    return table["resolution"].str.cat(table["provider"], sep=_BAR)


def way_label(resolution: str, provider: str) -> str:
    """resolution|provider, or the resolution alone where nobody else is needed."""
    return _BAR.join(filter(None, (resolution, provider)))


def way_parts(label: str) -> tuple[str, str]:
    """Resolution and provider of a way out; the provider is empty where nobody else is needed."""
    resolution, _, provider = label.partition(_BAR)
    return resolution, provider
