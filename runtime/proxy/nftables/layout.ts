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
export type Transport = 'tcp' | 'udp' | 'sctp';

/** What a frontend is looked up among. */
export interface Place {
  readonly family: Family;
  /** By protocol and port, at any address of the node; else by address, protocol and port. */
  readonly nodePort: boolean;
}

/** Where an endpoint is looked up. */
export interface Space extends Place {
  readonly transport: Transport;
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

/** Frontend and drawn number → address and port of an endpoint. */
export function endpointsMap(space: Space): string {
  return `endpoints-${spaceName(space)}`;
}

/** Frontend → what refuses its connections, for those that cannot be served. */
export function refusedMap(place: Place): string {
  return `refused-${placeName(place)}`;
}

/** Frontend → the chain that finds its endpoint. */
export function servicesMap(place: Place): string {
  return `services-${placeName(place)}`;
}

/** Chain that draws one of `count` endpoints. */
export function pickChain(space: Space, count: number): string {
  return `pick-${spaceName(space)}-${count}`;
}

export function pickRule(space: Space, count: number): string {
  return `dnat ${headerOf(space.family)} to ${endpointKey(space)} . numgen random mod ${count} map @${endpointsMap(space)}`;
}

/**
 * How a packet's own frontend is written in the keys of an endpoints map. There is one for each transport, as nft 1.0.6
 * takes a map of the generic `th dport`, but then refuses rules that look there in any later transaction.
 */
function endpointKey({ family, nodePort, transport }: Space): string {
  return nodePort ? `${transport} dport` : `${headerOf(family)} daddr . ${transport} dport`;
}

function spaceName(space: Space): string {
  return `${placeName(space)}-${space.transport}${space.fromNode ? '-from-node' : ''}`;
}

function placeName({ family, nodePort }: Place): string {
  return nodePort ? `${family}-port` : family;
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

export interface BaseOptions {
  readonly podRanges: readonly Cidr[];
  /**
   * Of cluster addresses: what goes to one that no Service has is dropped. Passed on, it would be remembered as a
   * connection to nowhere, also once a Service has the address.
   */
  readonly clusterRanges?: readonly Cidr[];
  /**
   * Node ports answer at 127.0.0.1 too. The interface of the endpoints must have route_localnet; what then comes in for a
   * loopback address from other machines or pods is dropped here.
   */
  readonly loopback?: boolean;
}

/** Takes the place of a table of that name, whoever left it, in the same transaction. */
export function baseCommands(options: BaseOptions, owner: string): string[] {
  const { podRanges } = options;
  const commands = [`add table ${TABLE}`, `delete table ${TABLE}`, `add table ${TABLE}`, `add chain ${TABLE} ${owner}`];
  for (const family of ['4', '6'] as const) commands.push(...mapsOf(family, podRanges));
  for (const [name, hook, rules] of chains(options)) {
    commands.push(`add chain ${TABLE} ${name}${hook && ` { ${hook} ; policy accept ; }`}`);
    commands.push(...rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`));
  }
  return commands;
}

function mapsOf(family: Family, podRanges: readonly Cidr[]): string[] {
  const type = addressType(family);
  const commands = [`add map ${TABLE} firewall-${family} { type ${type} . inet_proto . inet_service : verdict ; }`];
  for (const nodePort of [false, true]) {
    const key = `${nodePort ? '' : `${type} . `}inet_proto . inet_service`;
    for (const name of [refusedMap, servicesMap])
      commands.push(`add map ${TABLE} ${name({ family, nodePort })} { type ${key} : verdict ; }`);
    for (const transport of ['tcp', 'udp', 'sctp'] as const)
      for (const fromNode of [false, true]) commands.push(endpointsCommand({ family, nodePort, transport, fromNode }));
  }
  commands.push(`add set ${TABLE} cluster-ips-${family} { type ${type} ; }`);
  commands.push(`add set ${TABLE} hairpin-${family} { type ${type} . ${type} ; }`);
  commands.push(`add set ${TABLE} pod-ranges-${family} { type ${type} ; flags interval ; auto-merge ; }`);
  const ranges = rangesOf(family, podRanges).map(formatCidr);
  if (ranges.length > 0) commands.push(`add element ${TABLE} pod-ranges-${family} { ${ranges.join(', ')} }`);
  return commands;
}

function endpointsCommand(space: Space): string {
  const endpoint = `${headerOf(space.family)} daddr . ${space.transport} dport`;
  return `add map ${TABLE} ${endpointsMap(space)} { typeof ${endpointKey(space)} . numgen random mod 2 : ${endpoint} ; }`;
}

/** Node ports answer at every address of the node but its loopback ones, of which IPv4's may be let in. */
function nodeAddress(family: Family, loopback: boolean): string {
  if (family === '6') return 'fib daddr type local ip6 daddr != ::1';
  return loopback ? 'fib daddr type local' : 'fib daddr type local ip daddr != 127.0.0.0/8';
}

function lookup(family: Family, map: string): string {
  return `${headerOf(family)} daddr . meta l4proto . th dport vmap @${map}-${family}`;
}

type Chain = readonly [name: string, hook: string, rules: readonly string[]];

/** Name, hook, rules; a chain comes after those it leads to. */
function chains({ loopback = false, clusterRanges = [] }: BaseOptions): Chain[] {
  const port = (family: Family, map: string): string =>
    `${nodeAddress(family, loopback)} meta l4proto . th dport vmap @${map}-${family}-port`;
  const fence: Chain = [
    'fence-loopback',
    'type filter hook prerouting priority -300',
    ['iifname != "lo" ip daddr 127.0.0.0/8 drop'],
  ];
  return [
    ...ENDS,
    [
      'guard',
      '',
      [
        lookup('4', 'firewall'),
        lookup('6', 'firewall'),
        lookup('4', 'refused'),
        lookup('6', 'refused'),
        port('4', 'refused'),
        port('6', 'refused'),
      ],
    ],
    ['services', '', [lookup('4', 'services'), lookup('6', 'services'), port('4', 'services'), port('6', 'services')]],
    [
      'cluster-ips',
      '',
      [
        // A port that no Service has at an address that one has.
        `ip daddr @cluster-ips-4 ${REJECT}`,
        `ip6 daddr @cluster-ips-6 ${REJECT}`,
        ...clusterRanges.map(
          (range) => `${headerOf(range.family === 'IPv4' ? '4' : '6')} daddr ${formatCidr(range)} drop`,
        ),
      ],
    ],
    ...(loopback ? [fence] : []),
    ...HOOKS,
  ];
}

/** Where others end. */
const ENDS: readonly Chain[] = [
  ['mark-for-masquerade', '', [`meta mark set meta mark | ${MASQUERADE_MARK}`]],
  // kube-proxy answers TCP with an ICMP message too, which is lost while the client's socket is busy: a second more.
  ['reject-connection', '', ['meta l4proto tcp reject with tcp reset', 'reject']],
  ['hide-client', '', [`meta mark set meta mark ^ ${MASQUERADE_MARK}`, 'masquerade fully-random']],
];

const HOOKS: readonly Chain[] = [
  [
    'filter-prerouting',
    'type filter hook prerouting priority -110',
    [
      // What conntrack takes for no part of its connection is not translated back: who asked would be reset by this machine,
      // which knows nothing of such a connection. Dropped, it is sent again. kube-proxy does so for what it forwards.
      'ip saddr @pod-ranges-4 ct state invalid drop',
      'ip6 saddr @pod-ranges-6 ct state invalid drop',
      'ct state new jump guard',
    ],
  ],
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
