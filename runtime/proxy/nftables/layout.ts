/**
 * The table `inet keelson` as it stands before any Service: hooks, maps and their names. The hooks and their order are
 * kube-proxy's (Kubernetes v1.36, pkg/proxy/nftables/proxier.go); what differs is where endpoints live. kube-proxy has a
 * chain for each Service and endpoint, and nft reads back every chain before it changes one. Here they are elements of a
 * few maps, under the drawn number as part of the key, so that a change costs what it changes.
 */
import { type Cidr, formatCidr } from '../../../core/index.ts';

export const TABLE = 'inet keelson';

/** Bit of the packet mark between the choice of an endpoint and postrouting; kube-proxy's default. */
const MASQUERADE_MARK = '0x4000';

export type Family = '4' | '6';

/** Where an endpoint is looked up. */
export interface Space {
  readonly family: Family;
  /** Keyed by protocol and port only: node ports. */
  readonly nodePort: boolean;
  /** The list for this node's own clients, where theirs is another than that for clients from outside. */
  readonly fromNode: boolean;
}

export const REJECT = 'goto reject-connection';
export const MARK = 'jump mark-for-masquerade';

/** 'ip' or 'ip6', as nft names the header. */
export function headerOf(family: Family): string {
  return family === '4' ? 'ip' : 'ip6';
}

export function addressType(family: Family): string {
  return `ipv${family}_addr`;
}

/** Space, endpoint number → address and port. */
export function endpointsMap(space: Space): string {
  return `endpoints-${suffix(space)}`;
}

/** Frontend → the chain that refuses its connections, for those that cannot be served. */
export function refusedMap({ family, nodePort }: Space): string {
  return `refused-${suffix({ family, nodePort, fromNode: false })}`;
}

/** Frontend → the chain that finds its endpoint. */
export function servicesMap({ family, nodePort }: Space): string {
  return `services-${suffix({ family, nodePort, fromNode: false })}`;
}

/** Chain that draws one of `count` endpoints. */
export function pickChain(space: Space, count: number): string {
  return `pick-${suffix(space)}-${count}`;
}

export function pickRule(space: Space, count: number): string {
  return `dnat ${headerOf(space.family)} to ${keyOf(space)} . numgen random mod ${count} map @${endpointsMap(space)}`;
}

/** The packet's own service address, as keys of the maps are written. */
function keyOf({ family, nodePort }: Space): string {
  return nodePort ? 'meta l4proto . th dport' : `${headerOf(family)} daddr . meta l4proto . th dport`;
}

function suffix({ family, nodePort, fromNode }: Space): string {
  return `${family}${nodePort ? '-port' : ''}${fromNode ? '-from-node' : ''}`;
}

/** Comes from a pod or a process of this node. `then` is what happens to it. */
export function fromThisNode(family: Family, podRanges: readonly Cidr[], then: string): string[] {
  const rules = [`fib saddr type local ${then}`];
  if (rangesOf(family, podRanges).length > 0) rules.push(`${headerOf(family)} saddr @pod-ranges-${family} ${then}`);
  return rules;
}

export function rangesOf(family: Family, ranges: readonly Cidr[]): Cidr[] {
  return ranges.filter((range) => range.family === `IPv${family}`);
}

/** Takes the place of a table of that name, whoever left it, in the same transaction. */
export function baseCommands(podRanges: readonly Cidr[], owner: string): string[] {
  const commands = [`add table ${TABLE}`, `delete table ${TABLE}`, `add table ${TABLE}`, `add chain ${TABLE} ${owner}`];
  for (const family of ['4', '6'] as const) commands.push(...mapsOf(family, podRanges));
  for (const [name, hook, rules] of CHAINS) {
    commands.push(`add chain ${TABLE} ${name}${hook && ` { ${hook} ; policy accept ; }`}`);
    commands.push(...rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`));
  }
  return commands;
}

function mapsOf(family: Family, podRanges: readonly Cidr[]): string[] {
  const type = addressType(family);
  const data = `${headerOf(family)} daddr . tcp dport`;
  const commands = [`add map ${TABLE} firewall-${family} { type ${type} . inet_proto . inet_service : verdict ; }`];
  for (const nodePort of [false, true]) {
    const key = `${nodePort ? '' : `${type} . `}inet_proto . inet_service`;
    for (const name of [refusedMap, servicesMap])
      commands.push(`add map ${TABLE} ${name({ family, nodePort, fromNode: false })} { type ${key} : verdict ; }`);
    for (const fromNode of [false, true]) {
      const space = { family, nodePort, fromNode };
      const keyType = `${keyOf(space)} . numgen random mod 2`;
      commands.push(`add map ${TABLE} ${endpointsMap(space)} { typeof ${keyType} : ${data} ; }`);
    }
  }
  commands.push(`add set ${TABLE} cluster-ips-${family} { type ${type} ; }`);
  commands.push(`add set ${TABLE} hairpin-${family} { type ${type} . ${type} ; }`);
  commands.push(`add set ${TABLE} pod-ranges-${family} { type ${type} ; flags interval ; auto-merge ; }`);
  const ranges = rangesOf(family, podRanges).map(formatCidr);
  if (ranges.length > 0) commands.push(`add element ${TABLE} pod-ranges-${family} { ${ranges.join(', ')} }`);
  return commands;
}

/** Node ports answer at every address of the node but its loopback ones. */
const NODE_ADDRESS = {
  4: 'fib daddr type local ip daddr != 127.0.0.0/8',
  6: 'fib daddr type local ip6 daddr != ::1',
} as const;

function lookup(family: Family, map: string): string {
  return `${keyOf({ family, nodePort: false, fromNode: false })} vmap @${map}-${family}`;
}

function lookupPort(family: Family, map: string): string {
  return `${NODE_ADDRESS[family]} meta l4proto . th dport vmap @${map}-${family}-port`;
}

/** Name, hook, rules; a chain comes after those it leads to. */
const CHAINS: readonly (readonly [name: string, hook: string, rules: readonly string[]])[] = [
  ['mark-for-masquerade', '', [`meta mark set meta mark | ${MASQUERADE_MARK}`]],
  ['reject-connection', '', ['reject']],
  [
    'guard',
    '',
    [
      lookup('4', 'firewall'),
      lookup('6', 'firewall'),
      lookup('4', 'refused'),
      lookup('6', 'refused'),
      lookupPort('4', 'refused'),
      lookupPort('6', 'refused'),
    ],
  ],
  [
    'services',
    '',
    [lookup('4', 'services'), lookup('6', 'services'), lookupPort('4', 'services'), lookupPort('6', 'services')],
  ],
  // A port that no Service has at an address that one has.
  ['cluster-ips', '', [`ip daddr @cluster-ips-4 ${REJECT}`, `ip6 daddr @cluster-ips-6 ${REJECT}`]],
  ['hide-client', '', [`meta mark set meta mark ^ ${MASQUERADE_MARK}`, 'masquerade fully-random']],
  ['filter-prerouting', 'type filter hook prerouting priority -110', ['ct state new jump guard']],
  ['filter-output', 'type filter hook output priority -110', ['ct state new jump guard']],
  ['filter-forward', 'type filter hook forward priority -110', ['ct state new jump cluster-ips']],
  ['filter-output-translated', 'type filter hook output priority -90', ['ct state new jump cluster-ips']],
  ['nat-prerouting', 'type nat hook prerouting priority -100', ['jump services']],
  ['nat-output', 'type nat hook output priority -100', ['jump services']],
  [
    'nat-postrouting',
    'type nat hook postrouting priority 100',
    [
      `meta mark & ${MASQUERADE_MARK} != 0 goto hide-client`,
      'ct status dnat ip saddr . ip daddr @hairpin-4 masquerade fully-random',
      'ct status dnat ip6 saddr . ip6 daddr @hairpin-6 masquerade fully-random',
    ],
  ],
];
