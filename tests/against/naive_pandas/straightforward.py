"""Import dependencies of one importer, straight from the formulas. Needs pandas only.

flows: a data frame with year, exporter, importer, product, value_kusd.
"""

from __future__ import annotations

import pandas as pd


def hhi(values: pd.Series) -> float:
    shares = values / values.sum()
    return float((shares**2).sum())


def indicators(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    """One row a product, for flows of one period: a year, or several years together."""
    group = len(members) > 1
    rows = []
    for product, trade in flows.groupby("product"):
        bought = trade[trade["importer"].isin(members)]
        if not group:
            bought = bought[~bought["exporter"].isin(members)]
        if bought["value_kusd"].sum() <= 0:
            continue
        foreign = bought[~bought["exporter"].isin(home)]
        by_supplier = foreign.groupby("exporter")["value_kusd"].sum()
        by_supplier = by_supplier[by_supplier > 0]
        sold = trade[trade["exporter"].isin(members)]
        inside = sold[sold["importer"].isin(members)]["value_kusd"].sum() if group else 0.0
        exports = sold["value_kusd"].sum()
        by_exporter = trade.groupby("exporter")["value_kusd"].sum()
        # the group is one exporter, and what stays inside is no export
        as_one = by_exporter[~by_exporter.index.isin(members)]
        as_one.loc["the group"] = exports - inside
        not_home = by_exporter[~by_exporter.index.isin(home)]
        total, extra = bought["value_kusd"].sum(), foreign["value_kusd"].sum()
        rows.append(
            {
                "product": product,
                "import_concentration": hhi(by_supplier) if len(by_supplier) else float("nan"),
                "extra_import_share": extra / total,
                "imports_to_exports": divide(extra, exports),
                "imports_to_extra_exports": divide(extra, exports - inside if exports > inside else 0.0),
                "world_export_concentration": hhi(as_one) if as_one.sum() > 0 else float("nan"),
                "world_economies_concentration": hhi(by_exporter),
                "world_main_exporter_share": divide(not_home.max() if len(not_home) else 0.0, as_one.sum()),
                "main_supplier": by_supplier.idxmax() if len(by_supplier) else None,
                "main_supplier_share": by_supplier.max() / extra if len(by_supplier) else float("nan"),
                "import_value_kusd": total,
                "export_value_kusd": exports,
            }
        )
    return pd.DataFrame(rows).set_index("product")


def divide(above: float, below: float) -> float:
    if below > 0:
        return above / below
    return float("inf") if above > 0 else float("nan")


def fragility(flows: pd.DataFrame) -> pd.Series:
    """Rank of the mean rank of concentration, spread and clustering, by product."""
    scores = {}
    for product, trade in flows.groupby("product"):
        edges = trade.groupby(["exporter", "importer"], as_index=False)["value_kusd"].sum()
        edges = edges[(edges["value_kusd"] > 0) & (edges["exporter"] != edges["importer"])]
        if edges.empty:
            continue
        traders = sorted(set(edges["exporter"]) | set(edges["importer"]))
        out = edges.groupby("exporter")["value_kusd"].sum().reindex(traders, fill_value=0.0)
        out = out / out.sum()
        neighbours: dict[str, set[str]] = {trader: set() for trader in traders}
        for exporter, importer in zip(edges["exporter"], edges["importer"], strict=True):
            neighbours[exporter].add(importer)
            neighbours[importer].add(exporter)
        local = []
        for near in neighbours.values():
            links = sum(len(neighbours[each] & near) for each in near) / 2
            pairs = len(near) * (len(near) - 1) / 2
            local.append(links / pairs if pairs else 0.0)
        scores[product] = {
            "concentration": (out**2).sum(),
            "spread": out.std(ddof=0),
            "clustering": sum(local) / len(local) if len(traders) > 2 else 0.0,
        }
    table = pd.DataFrame(scores).T
    composite = table.round(12).rank(pct=True).mean(axis=1)
    return composite.round(12).rank(pct=True)


def commission_2021(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = indicators(flows, members, home)
    table["dependent"] = (
        (table["import_concentration"] > 0.4)
        & (table["extra_import_share"] > 0.5)
        & (table["imports_to_exports"] > 1)
    )
    return table


def commission_2023(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = commission_2021(flows, members, home)
    table["single_point_of_failure"] = (
        table["dependent"]
        & (table["world_main_exporter_share"] >= 0.5)
        & (table["world_export_concentration"] > 0.4)
    )
    return table


def cae_2021(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = indicators(flows, members, home)
    table["dependent"] = (table["import_concentration"] > 0.5) & (table["extra_import_share"] > 0.5)
    return table


def cepii_geodep_2024(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = indicators(flows, members, home)
    met = pd.Series(0, index=table.index)
    years = sorted(flows["year"].unique())
    for year in years:
        one = indicators(flows[flows["year"] == year], members, home)
        passed = (
            (one["import_concentration"] > 0.4)
            & (one["world_export_concentration"] > 0.4)
            & (one["imports_to_extra_exports"] > 1)
        )
        met = met.add(passed.astype(int), fill_value=0)
    table["years_met"] = met
    table["dependent"] = met >= 2 * len(years) / 3
    return table


def cbs_2021(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = indicators(flows, members, home)
    years = flows["year"].nunique()
    threshold = 250_000 * 1.1195
    concentrated = (table["import_concentration"] >= 0.25) & (table["world_economies_concentration"] >= 0.15)
    # trade among the members of a group is neither import nor export of the group
    enters = flows[flows["importer"].isin(members) & ~flows["exporter"].isin(members)]
    leaves = flows[flows["exporter"].isin(members) & ~flows["importer"].isin(members)]
    bought = enters.groupby("product")["value_kusd"].sum().reindex(table.index, fill_value=0.0)
    sold = leaves.groupby("product")["value_kusd"].sum().reindex(table.index, fill_value=0.0)
    least = (bought - sold).clip(lower=0) / years
    most = bought / years
    table["dependent"] = [
        bool(sure > threshold) if (sure > threshold) == (maybe > threshold) else None
        for sure, maybe in zip(least.where(concentrated, 0), most.where(concentrated, 0), strict=True)
    ]
    return table


def imf_fragility_2017(flows: pd.DataFrame, members: set[str], home: set[str]) -> pd.DataFrame:
    table = indicators(flows, members, home)
    table["supply_fragility"] = fragility(flows).reindex(table.index)
    table["dependent"] = (table["supply_fragility"] > 0.9) & (table["imports_to_exports"] > 1)
    return table
