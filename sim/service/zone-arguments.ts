/** The zones that users ask for: `--zones a=5,b=3`, `--zone-clients a=1,b=3`, `--zone-routing spill-over`. */
import { shorten } from './events.ts';
import type { ServiceTexts } from './flags.ts';
import { MAX_SERVERS, type Scenario } from './scenario.ts';
import { MAX_ZONES, ZONE_ROUTINGS } from './zones.ts';

type Report = (flag: string, message: string) => void;

/** Empty where no zones are asked for. */
export function parseZones(texts: ServiceTexts, report: Report): Pick<Scenario, 'zones'> {
  const routing = ZONE_ROUTINGS.find((one) => one === (texts['zone-routing'] ?? 'spill-over'));
  if (routing === undefined) {
    report('zone-routing', `'${shorten(texts['zone-routing'] ?? '')}' is none of ${ZONE_ROUTINGS.join(', ')}`);
  }
  if (texts.zones === undefined) {
    for (const flag of ['zone-clients', 'zone-routing'] as const) {
      if (texts[flag] !== undefined) report(flag, 'goes with --zones only');
    }
    return {};
  }
  const servers = parseCounts('zones', texts.zones, report);
  const asked = texts['zone-clients'];
  const clients = asked === undefined ? undefined : parseCounts('zone-clients', asked, report);
  // A zone may have clients only, but not neither.
  const names = [...new Set([...servers.keys(), ...(clients?.keys() ?? [])])];
  if (names.length > MAX_ZONES) report('zones', `${names.length} zones are more than ${MAX_ZONES}`);
  if (areNone(servers)) report('zones', 'no zone has servers');
  if (clients !== undefined && areNone(clients)) report('zone-clients', 'no zone has clients');
  return {
    zones: {
      names,
      servers: names.map((name) => servers.get(name) ?? 0),
      clients: names.map((name) => (clients === undefined ? 1 : (clients.get(name) ?? 0))),
      routing: routing ?? 'none',
    },
  };
}

function parseCounts(flag: string, text: string, report: Report): Map<string, number> {
  const counts = new Map<string, number>();
  for (const part of text.split(',')) {
    const [, name, count] = /^\s*([^=\s]{1,63})=(\d{1,9})\s*$/.exec(part) ?? [];
    if (name === undefined || Number(count) > MAX_SERVERS) {
      report(flag, `'${shorten(part)}' is not a zone with a number up to ${MAX_SERVERS} (a=5)`);
    } else if (counts.has(name)) report(flag, `zone '${name}' is there twice`);
    else counts.set(name, Number(count));
  }
  return counts;
}

function areNone(counts: ReadonlyMap<string, number>): boolean {
  return counts.size > 0 && [...counts.values()].every((count) => count === 0);
}
