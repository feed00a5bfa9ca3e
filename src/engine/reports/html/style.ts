/**
 * The style of the page. No colour carries a meaning alone: every severity has its word beside it, and the colours differ
 * in lightness too. Texts have a contrast of 4.5 : 1 or more on their grounds, in the light and in the dark.
 */
export const style = `
:root{color-scheme:light dark;--page:#f4f6f8;--panel:#fff;--sunk:#eef1f5;--line:#d5dbe3;--ink:#17212d;--soft:#4e5d6c;--link:#0a558c;
--critical:#9f1239;--on-critical:#fff;--high:#c2410c;--on-high:#fff;--medium:#f2c230;--on-medium:#241c02;--low:#1d4ed8;--on-low:#fff;
--negligible:#5b6878;--on-negligible:#fff;--unknown:#6d28d9;--on-unknown:#fff;--kev:#17212d;--on-kev:#ffd84d;
--good:#12693a;--good-ground:#e6f5ec;--good-line:#9fd4b5;--bad:#a3123f;--bad-ground:#fdecf1;--bad-line:#eba6bb;--warn:#7a4d00;--warn-ground:#fff6de;--warn-line:#e6c670}
@media (prefers-color-scheme:dark){:root{--page:#0e141b;--panel:#161e28;--sunk:#1d2733;--line:#324050;--ink:#e8edf3;--soft:#a5b3c2;--link:#7cc0f5;
--critical:#ff7a9c;--on-critical:#3a0414;--high:#ff9a55;--on-high:#361403;--medium:#ffd84d;--on-medium:#2b2102;--low:#6aa8ff;--on-low:#06193a;
--negligible:#a3b1c0;--on-negligible:#101820;--unknown:#c4b0ff;--on-unknown:#1e0f45;--kev:#ffd84d;--on-kev:#1a1500;
--good:#7fdca6;--good-ground:#10281b;--good-line:#285a3c;--bad:#ff9db5;--bad-ground:#34111c;--bad-line:#71293e;--warn:#ffd479;--warn-ground:#2d230d;--warn-line:#665020}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,input:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
h1,h2,h3,p,dl,dd,ul,ol{margin:0;padding:0}
h1{font-size:1.55rem;line-height:1.25;font-weight:700;overflow-wrap:anywhere}
h1.mono{font-size:1.4rem}
h2{font-size:1.12rem;line-height:1.3;margin:0 0 .75rem}
code,.mono{font-family:ui-monospace,"Cascadia Mono","SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
.soft{color:var(--soft)}
p.soft{margin-top:.6rem;font-size:.92em}
.brand{display:flex;align-items:center;gap:.55rem;padding:1.4rem 0 .9rem;color:var(--soft);font-weight:600;letter-spacing:.01em}
.brand svg{width:1.6rem;height:1.6rem;flex:none;color:var(--link)}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:1.25rem 1.35rem;margin:0 0 1.1rem}
.status{display:flex;gap:.8rem;align-items:flex-start;border-radius:10px;padding:.7rem .95rem;margin:1rem 0 0;border:1px solid}
.status b{text-transform:uppercase;letter-spacing:.04em;font-size:.85em}
.status svg{width:1.35rem;height:1.35rem;flex:none;margin-top:.1rem}
.status.complete{color:var(--good);background:var(--good-ground);border-color:var(--good-line)}
.status.partial{color:var(--warn);background:var(--warn-ground);border-color:var(--warn-line)}
.status.failed{color:var(--bad);background:var(--bad-ground);border-color:var(--bad-line)}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.22rem 1.1rem;margin:1rem 0 0}
.facts dt{color:var(--soft)}
.facts dd{overflow-wrap:anywhere}
.facts .over{color:var(--bad);font-weight:600}
.notices{list-style:none;display:grid;gap:.6rem}
.notices>li{padding-left:1rem;border-left:4px solid var(--warn-line)}
.notices.notes>li{border-color:var(--line)}
.notices ul{margin:.2rem 0 0 1.1rem}
.notices code.code{color:var(--soft);font-size:.82em;margin-left:.3rem}
.total{font-size:2.5rem;line-height:1;font-weight:750;letter-spacing:-.02em}
.totals{display:flex;flex-wrap:wrap;gap:.4rem 2.2rem;align-items:flex-end;margin:0 0 1rem}
.totals>div{display:grid;gap:.2rem}
.totals .soft{font-size:.92em}
.totals .kev-count .total{color:var(--bad)}
.bar{display:flex;gap:3px;height:2.1rem;border-radius:8px;overflow:hidden}
.bar span{min-width:1.9rem;flex-basis:0;display:flex;align-items:center;justify-content:center;font-weight:650;font-size:.86rem;white-space:nowrap;overflow:hidden}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.3rem;margin:.75rem 0 0;font-size:.93em}
.legend li{display:flex;align-items:center;gap:.45rem}
.legend i{width:.85rem;height:.85rem;border-radius:3px;flex:none}
.none{display:flex;gap:.9rem;align-items:center;font-size:1.1rem;font-weight:600}
.none svg{width:2.2rem;height:2.2rem;flex:none;color:var(--good)}
.critical{background:var(--critical);color:var(--on-critical)}.high{background:var(--high);color:var(--on-high)}.medium{background:var(--medium);color:var(--on-medium)}
.low{background:var(--low);color:var(--on-low)}.negligible{background:var(--negligible);color:var(--on-negligible)}.unknown{background:var(--unknown);color:var(--on-unknown)}
.chip{display:inline-block;border-radius:5px;padding:.02rem .5rem;font-size:.8rem;line-height:1.5;font-weight:650;white-space:nowrap}
.chip.kev{background:var(--kev);color:var(--on-kev);letter-spacing:.03em}
.chip.plain{background:var(--sunk);color:var(--soft);font-weight:550}
.chips{display:inline-flex;flex-wrap:wrap;gap:.3rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.83rem;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:.5rem .7rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tr:last-child>td{border-bottom:0}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.platforms td,.platforms th{padding-right:1.1rem}
.platforms td:nth-child(2){white-space:nowrap}
.platforms tr.sum td{font-weight:650;border-top:1px solid var(--line)}
.platforms .soft{font-weight:400;font-size:.9em}
.upgrade td:first-child{width:1%;color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.upgrade .chips{align-items:baseline}
.to{font-weight:650}
.filters{display:none;flex-wrap:wrap;gap:.4rem .5rem;align-items:center;border:0;margin:0 0 1rem;padding:0}
.filters legend{float:left;padding:0;margin-right:.5rem;color:var(--soft);font-size:.93em}
.filters label{display:inline-flex;gap:.4rem;align-items:center;border:1px solid var(--line);border-radius:99px;padding:.12rem .75rem;background:var(--panel);cursor:pointer;font-size:.9rem}
.filters input{margin:0;accent-color:var(--link)}
details>summary{cursor:pointer;list-style:none}
details>summary::-webkit-details-marker{display:none}
.group{background:var(--panel);border:1px solid var(--line);border-radius:12px;margin:0 0 .6rem;content-visibility:auto;contain-intrinsic-size:auto 3.4rem}
.group>summary{display:grid;grid-template-columns:1.1rem minmax(0,1fr) auto;gap:.3rem .6rem;align-items:center;padding:.7rem 1.1rem .7rem .9rem}
.group>summary::before,.fold>summary::before{content:"";width:.5rem;height:.5rem;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(-45deg);margin-left:.15rem}
.group[open]>summary::before,.fold[open]>summary::before{transform:rotate(45deg)}
.group h3{font-size:1rem;font-weight:650;display:inline;overflow-wrap:anywhere}
.group h3 .mono{font-weight:500}
.goal{grid-column:2/-1;color:var(--soft);font-size:.93em}
.goal b{color:var(--ink)}
.inside{padding:0 1.1rem 1rem 2.6rem}
.inside .facts{margin:0 0 .8rem;font-size:.93rem}
.findings td:not(:last-child){width:1%;white-space:nowrap}
.findings td:nth-child(3){white-space:normal;min-width:8.5rem;max-width:16rem}
.version{white-space:nowrap}
.findings td:last-child,.findings th:last-child{padding-left:.5rem}
.more>summary{width:fit-content}
.more>summary::after{content:"";display:inline-block;width:.4rem;height:.4rem;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(45deg);margin:0 0 .2rem .55rem}
.more[open]>summary::after{transform:rotate(-135deg);margin-bottom:0}
.more>summary:hover{text-decoration:underline;text-decoration-color:var(--line);text-underline-offset:.2em}
.more[open]>summary{margin-bottom:.4rem}
.more .facts{font-size:.89rem;margin-top:.5rem}
.text{white-space:pre-line;max-width:46rem;overflow-wrap:anywhere}
.fold>summary{display:flex;gap:.6rem;align-items:center}
.fold td:first-child{white-space:nowrap}
.fold>summary h2{margin:0;display:inline}
.fold[open]>summary{margin-bottom:.8rem}
footer{color:var(--soft);font-size:.88rem;padding-top:.6rem;padding-bottom:2.5rem;overflow-wrap:anywhere}
@media (max-width:44rem){
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.45rem}
.panel{padding:1rem}.inside{padding:0 1rem 1rem}
.group>summary{grid-template-columns:1.1rem minmax(0,1fr)}.group>summary .chips{grid-column:2}
.findings thead,.upgrade thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
.findings,.findings tbody,.findings tr,.findings td,.upgrade,.upgrade tbody,.upgrade tr,.upgrade td{display:block;border:0}
.findings td,.upgrade td{padding:.08rem 0!important;text-align:left!important;width:auto!important;max-width:none!important}.upgrade td:first-child{display:none}
.upgrade td.mono{display:inline}.upgrade td.to::before{content:"→ ";color:var(--soft)}
.findings tr,.upgrade tr{border-bottom:1px solid var(--line);padding:.55rem 0}.findings tr:last-child,.upgrade tr:last-child{border-bottom:0}
.findings td.number:empty{display:none}.findings td.number::before{content:attr(data-label) " ";color:var(--soft)}
}
@media print{
:root{--page:#fff;--panel:#fff;--sunk:#f2f4f6;--line:#c4ccd5;--ink:#000;--soft:#40505f;--link:#003e6b}
html{font-size:10.5px}body{font-size:1rem}@page{margin:13mm}h2{break-after:avoid}main,header,footer{max-width:none;padding:0}
.filters{display:none!important}.group{content-visibility:visible;break-inside:auto}.group>summary,tr,.notices>li{break-inside:avoid}.group>summary{break-after:avoid}
.panel{break-inside:avoid}.fold{break-inside:auto}
:is(.group,.fold)::details-content{content-visibility:visible!important;block-size:auto!important;display:block!important}
.more>summary::after{display:none}.bar,.chip,.legend i,.status{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (forced-colors:active){.chip,.bar span,.legend i{border:1px solid}}
`;
