// How the page of a store looks: one column, light or dark as the reader has it, readable at the
// width of a phone; pictures and wide tables scroll by themselves.

/// The style sheet of the page.
enum ReportStyle {
    static let sheet: StaticString = """
        :root{color-scheme:light dark;--ground:#fbfaf7;--panel:#fff;--ink:#1d1f21;--soft:#5d646b;\
        --line:#dcdcd6;--bar:#e7e6df;--c0:#1f6f8b;--c1:#b3541e;--c2:#4d7c2a;--c3:#7a4fa3;\
        --c4:#a8324a;--c5:#6b6b1f;--good:#2f7d4f;--bad:#b3261e}
        @media (prefers-color-scheme:dark){:root{--ground:#15181b;--panel:#1c2024;--ink:#e7e5df;\
        --soft:#a3abb3;--line:#343a40;--bar:#2b3137;--c0:#6cc0dc;--c1:#f0a070;--c2:#a4d07a;\
        --c3:#c5a3ea;--c4:#f08fa2;--c5:#d3d17a;--good:#7fd1a0;--bad:#ff9a90}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.25rem 1rem 4rem;max-width:62rem;background:var(--ground);\
        color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
        overflow-wrap:anywhere}
        h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
        h2{font-size:1.2rem;margin:0 0 .5rem}
        h3{font-size:1rem;margin:1.25rem 0 .25rem}
        p{margin:.4rem 0 .8rem;max-width:46rem}
        .soft,caption,figcaption{color:var(--soft);font-size:.875rem}
        section{background:var(--panel);border:1px solid var(--line);border-radius:.6rem;\
        padding:1rem;margin:1rem 0}
        nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;list-style:none;padding:0;margin:0}
        a{color:var(--c0)}
        dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;\
        margin:.5rem 0}
        dl div{border-left:3px solid var(--c0);padding-left:.6rem}
        dt{color:var(--soft);font-size:.8rem}
        dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
        .scroll{overflow-x:auto;margin:.5rem 0}
        .scroll:focus-visible,a:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        caption{text-align:left;padding:.2rem 0}
        th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;\
        vertical-align:top}
        th{font-weight:600;white-space:nowrap}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.b{min-width:9rem;white-space:nowrap}
        .bar{display:inline-block;width:5.5rem;height:.65rem;background:var(--bar);\
        border-radius:.2rem;overflow:hidden;margin-right:.5rem}
        .bar i{display:block;height:100%;background:var(--c0)}
        figure{margin:.5rem 0}
        svg{display:block;width:100%;height:auto;min-width:34rem}
        svg.wide{min-width:44rem}
        svg.key{display:inline-block;min-width:0;width:1.8rem;height:.55rem;margin-right:.35rem}
        .legend{display:inline-block;margin-right:1rem}
        svg text{fill:var(--ink);font:13px system-ui,sans-serif}
        svg .soft{fill:var(--soft);font-size:12px}
        svg .grid{stroke:var(--line)}
        svg .area{fill:var(--c0);fill-opacity:.18;stroke:none}
        svg .rise{fill:none;stroke:var(--c0);stroke-width:2}
        svg .col{fill:var(--c0)}
        svg .edge{fill:none;stroke-width:1.4}
        svg .halo{paint-order:stroke;stroke:var(--panel);stroke-width:5px;stroke-linejoin:round}
        svg .node{fill:var(--panel);stroke:var(--ink);stroke-width:1.5}
        svg .start{fill:var(--c0);stroke:var(--ink);stroke-width:2}
        .e0{stroke:var(--c0)}.e1{stroke:var(--c1)}.e2{stroke:var(--c2)}.e3{stroke:var(--c3)}\
        .e4{stroke:var(--c4)}.e5{stroke:var(--c5)}
        .f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}\
        .f4{fill:var(--c4)}.f5{fill:var(--c5)}
        .bad{color:var(--bad)}
        details{margin:.5rem 0}
        summary{cursor:pointer;color:var(--c0)}
        @media print{body{background:#fff}section{break-inside:avoid}}
        """
}
