# Reads OpenMetrics text with the parser of Prometheus' own client, and writes
# what is in it as JSON: "name{label=value}" and the number, "# UNIT name" and
# "# HELP name" and the text.
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

found = {}
with open(sys.argv[1], encoding='utf-8') as file:
    for family in text_string_to_metric_families(file.read()):
        found['# UNIT ' + family.name] = family.unit
        found['# HELP ' + family.name] = family.documentation
        for sample in family.samples:
            labels = ','.join('%s=%s' % pair for pair in sample.labels.items())
            name = sample.name + ('{%s}' % labels if labels else '')
            assert name not in found, name
            found[name] = sample.value
print(json.dumps(found))
