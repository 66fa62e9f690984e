"""What the tests of the inputs refer to: four markets, a few classes and products, all made up here."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.inputs.cases import Known

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "formats" / "samples"

KNOWN = Known(
    markets={"US": "USD", "DE": "EUR", "GB": "GBP", "IN": "INR"},
    classes=("phone_accessory", "apparel", "furniture", "fitness_equipment", "unclassified"),
    currencies=("USD", "EUR", "GBP", "INR", "CNY"),
    class_prices={("DE", "unclassified"): 15.0, ("GB", "unclassified"): 12.5, ("DE", "furniture"): 89.0},
)

PRODUCTS = pd.DataFrame(
    {
        "sku": ["ROLLER-1", "CHAIR-2", "CASE-3"],
        "product_class": ["fitness_equipment", "furniture", "phone_accessory"],
        "item_price": [24.99, None, 9.99],
        "item_price_GB": [21.5, None, None],
    }
)


def sample(name: str) -> Path:
    """A file of the shared samples; the test is skipped, and says so, where they are not there."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"SAMPLE FILE MISSING, NOT TESTED: {path}")
    return path
