"""Check a file of preference pairs."""

import calm

report = calm.lint("pairs.jsonl")
print(report.pairs, "pairs,", len(report.left_out), "rows that are none")
for finding in report.findings:
    print(finding.severity, finding.rule, finding.place, finding.message)
