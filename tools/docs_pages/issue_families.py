"""The issues in seven families, told for a finance reader: what happens, what is weighed, what is not
allowed."""

from __future__ import annotations

from typing import NamedTuple


class Family(NamedTuple):
    """One page of docs/issues."""

    key: str
    title: str
    issues: tuple[str, ...]
    story: str  # what happens, and what makes one way out cheaper than another
    limits: str  # what the buyer is owed and what nobody may do
    example: tuple[str, str, str]  # market, channel, product class of the worked example


FAMILIES = (
    Family(
        "orders",
        "Orders: new addresses and cancellations",
        (
            "address_change_unshipped",
            "address_change_shipped",
            "cancel_unshipped",
            "cancel_shipped",
            "cancel_delivered",
        ),
        "Before the parcel leaves, a change costs little more than a message. Once it has left, there are two"
        " parcels to think of: the one under way, which may be redirected for a fee, comes back at the price"
        " of a return label or is given up, and the one the buyer still wants. Cheap goods are sent again,"
        " dear goods are not; the price at which that turns is not a setting but an answer (`explain` names"
        " it). After delivery a cancellation is a return: local address, China, or part of the money and the"
        " buyer keeps it.",
        "A cancellation before shipping is always granted. After delivery the platform's return window and,"
        " in Europe, the right of withdrawal bind the seller. Orders shipped by FBA are settled by Amazon:"
        " their cost is expected, not chosen.",
        ("US", "merchant", "audio_gadget"),
    ),
    Family(
        "logistics",
        "Logistics: late and lost parcels",
        ("delivery_delay", "lost_in_transit"),
        "A late parcel usually arrives; a lost one rarely does. Waiting costs nothing but patience, and"
        " impatient buyers claim. A refund ends it; sending again costs goods and freight but keeps the sale."
        " What the carrier pays for a lost parcel comes back weeks later.",
        "A parcel that does not arrive is at the seller's risk: the refund is owed in the end. For FBA orders"
        " Amazon answers and reimburses.",
        ("US", "merchant", "audio_gadget"),
    ),
    Family(
        "returns",
        "Returns and complaints about the goods",
        (
            "unwanted",
            "damaged",
            "wrong_item",
            "missing_accessory",
            "missing_main_product",
            "not_as_described",
            "spec_mismatch",
            "usage_help",
            "quality_defect",
        ),
        "Sending goods back across the world costs more than many of them are worth. So the buyer may keep"
        " them: for part of the money, for a gift, or for all of it. How much to offer is weighed: a higher"
        " offer is accepted more often but costs more, and a refused one leads to the fallback and to more"
        " claims. Where a local warehouse takes goods back, each grade goes to its best use. A missing"
        " accessory is refunded or sent; advice at a distance cures much of what is 'not working'. Pictures"
        " support claims against carrier and supplier, which a refund without a question gives up.",
        "Within the return window the platform grants returns. For defects the law of the market comes first:"
        " in the EU repair or replacement before money, free of charge; in the United Kingdom thirty days to"
        " reject; in Australia the buyer chooses after a major failure. A partial refund is only ever an"
        " offer. Smoke, swelling or burns end all weighing: refund, stop the sale, nothing goes by post.",
        ("US", "warehouse", "small_kitchen_appliance"),
    ),
    Family(
        "claims",
        "A-to-z claims",
        ("a_to_z_claim",),
        "A claim costs the refund and, unless it is withdrawn, denied or won on appeal, an order defect:"
        " above one per cent of orders the account is in danger. Solving the cause first, by phone rather"
        " than by mail, gets many claims withdrawn. Evidence wins some of the rest, an appeal a few more."
        " Refunding before the decision is quick; doing nothing costs the refund and the defect.",
        "Amazon's question is answered within 48 hours, a granted claim is appealed within 30 days (the"
        " source text still knows 3 and 14 days; the dated rows show both). Money against closing a claim is"
        " an inducement and always refused; so are gifts and partial refunds while a claim is open.",
        ("US", "merchant", "small_kitchen_appliance"),
    ),
    Family(
        "goods-back",
        "Goods that came back",
        ("returned_goods",),
        "The refund has happened; what is left is the best use of the goods. Sealed units are sold as new,"
        " opened ones as used, repaired, liquidated, thrown away or sent to China. Nobody knows the grade"
        " before the box is opened: inspection costs a little and finds it. A used sale may displace a new"
        " one; goods sold as new that were not bring claims.",
        "Opened or untested goods are never sold as new. Used goods enter China only under a repair permit,"
        " batteries that may be defective do not fly, and France forbids destroying what can be sold. Units"
        " that the platform damaged belong to the platform, which owes their value.",
        ("US", "fba", "audio_gadget"),
    ),
    Family(
        "reviews",
        "Bad reviews and bad feedback",
        ("negative_review", "negative_feedback"),
        "A bad product review costs sales but has no order behind it; bad feedback on the seller of one or"
        " two stars counts as an order defect. The sooner the reviewer is found and helped, the more of them"
        " change their word unasked: the effect halves with every week. Refunding everybody is dear; a public"
        " answer costs a message; feedback on a delivery that the platform was in charge of can be struck"
        " out.",
        "Asking for a changed review, for money or not, breaks the platform's rules and, in the United States"
        " and Europe, the law. That way out is shown with its price and refused.",
        ("US", "merchant", "audio_gadget"),
    ),
    Family(
        "warranty",
        "Warranty",
        ("warranty_claim",),
        "Eight ways to repair stand beside replacing, refunding and sending a part: China one by one or in a"
        " batch, a technician who flies in, a Chinese firm abroad, a local firm, an own station, a bench in"
        " the warehouse, a visit. A repair may fail, and then the replacement follows. Cheap goods are"
        " replaced; a part often cures bulky ones; repair pays where goods are dear and a partner is near."
        " Monthly fees and trips enter at an assumed volume.",
        "The promised warranty in the United States lets the seller choose the remedy; the legal guarantee in"
        " Europe puts repair or replacement first, within a reasonable time and free of charge. After it has"
        " passed nothing is owed, and declining is weighed against the anger it causes.",
        ("DE", "warehouse", "robot_vacuum"),
    ),
)
