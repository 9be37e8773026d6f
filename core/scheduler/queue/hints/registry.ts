/**
 * Which plugin listens to which events, and what the queue asks of them: is anybody interested in this event, and is it
 * worth another attempt for this pod.
 * Source: Kubernetes v1.36, plugins/*.EventsToRegister, pkg/scheduler/scheduler.go (buildQueueingHintMap).
 */
import type { Listers } from '../../../cluster/listers.ts';
import type { Profile } from '../../profile.ts';
import { Action, type ClusterEvent, isInterestedIn, WILDCARD } from '../events.ts';
import { type HintContext, isOwnChange, type Registration } from './hint.ts';
import { interPodAffinityEvents } from './inter-pod-affinity.ts';
import { nodePortsEvents } from './node-ports.ts';
import { nodeResourcesFitEvents } from './node-resources-fit.ts';
import {
  nodeAffinityEvents,
  nodeDeclaredFeaturesEvents,
  nodeNameEvents,
  nodeUnschedulableEvents,
  taintTolerationEvents,
} from './node-rules.ts';
import { podTopologySpreadEvents } from './pod-topology-spread.ts';
import { nodeVolumeLimitsEvents, volumeBindingEvents, volumeRestrictionsEvents, volumeZoneEvents } from './volumes.ts';

const ADD_OR_UPDATE = Action.Add | Action.Update;

export const REGISTRATIONS: Readonly<Record<string, readonly Registration[]>> = {
  SchedulingGates: [{ resource: 'Pod', actions: Action.UpdatePodSchedulingGatesEliminated, hint: isOwnChange }],
  NodeUnschedulable: nodeUnschedulableEvents,
  NodeName: nodeNameEvents,
  TaintToleration: taintTolerationEvents,
  NodeAffinity: nodeAffinityEvents,
  NodePorts: nodePortsEvents,
  NodeResourcesFit: nodeResourcesFitEvents,
  VolumeRestrictions: volumeRestrictionsEvents,
  NodeVolumeLimits: nodeVolumeLimitsEvents,
  VolumeBinding: volumeBindingEvents,
  VolumeZone: volumeZoneEvents,
  PodTopologySpread: podTopologySpreadEvents,
  InterPodAffinity: interPodAffinityEvents,
  DynamicResources: [
    { resource: 'ResourceClaim', actions: ADD_OR_UPDATE | Action.Delete },
    { resource: 'DeviceClass', actions: ADD_OR_UPDATE },
    { resource: 'ResourceSlice', actions: ADD_OR_UPDATE },
    { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel | Action.UpdateNodeTaint },
    { resource: 'Pod', actions: Action.UpdatePodGeneratedResourceClaim, hint: isOwnChange },
  ],
  // Registers so that the event reaches pods it gates; what makes them worth an attempt are their other rejectors' hints.
  DefaultPreemption: [{ resource: 'Pod', actions: Action.Delete, hint: () => false }],
  NodeDeclaredFeatures: nodeDeclaredFeaturesEvents,
};

/** A plugin that says nothing of events is woken by all of them. */
const ANY_EVENT: readonly Registration[] = [{ resource: WILDCARD, actions: Action.All }];

/** A profile's plugins and what each of them registered for one sort of event. */
type Interested = ReadonlyMap<string, readonly Registration[]>;

interface ProfileHints {
  plugins: readonly string[];
  context: HintContext;
  bySort: Map<string, Interested>;
}

export class QueueingHints {
  readonly #profiles = new Map<string, ProfileHints>();
  /** Over all profiles, by sort of event. */
  readonly #listeners = new Map<string, ReadonlySet<string>>();

  constructor(profiles: readonly Profile[], listers: Listers) {
    for (const profile of profiles) {
      const { preEnqueue, preFilter, filter, postFilter, reserve, args } = profile;
      const plugins = [...new Set([...preEnqueue, ...preFilter, ...filter, ...postFilter, ...reserve])];
      this.#profiles.set(profile.schedulerName, { plugins, context: { listers, args }, bySort: new Map() });
    }
  }

  /** Plugins of any profile that registered for such an event. */
  listenersOf(event: ClusterEvent): ReadonlySet<string> {
    const sort = sortOf(event);
    let names = this.#listeners.get(sort);
    if (!names) {
      names = new Set([...this.#profiles.values()].flatMap((profile) => [...interestedIn(profile, event).keys()]));
      this.#listeners.set(sort, names);
    }
    return names;
  }

  /** The plugin registered for such an event, whatever its hint would say. */
  listens(schedulerName: string, plugin: string, event: ClusterEvent): boolean {
    const profile = this.#profiles.get(schedulerName);
    return profile !== undefined && interestedIn(profile, event).has(plugin);
  }

  /** One of the plugin's hints for such an event says yes. */
  isWorthIt(
    schedulerName: string,
    plugin: string,
    pod: Parameters<NonNullable<Registration['hint']>>[0],
    event: ClusterEvent,
  ): boolean {
    const profile = this.#profiles.get(schedulerName);
    const registrations = profile && interestedIn(profile, event).get(plugin);
    return registrations?.some(({ hint }) => !hint || hint(pod, event, profile!.context)) ?? false;
  }
}

function interestedIn(profile: ProfileHints, event: ClusterEvent): Interested {
  const sort = sortOf(event);
  let interested = profile.bySort.get(sort);
  if (!interested) {
    const pairs = profile.plugins.map((plugin): [string, readonly Registration[]] => [
      plugin,
      (REGISTRATIONS[plugin] ?? ANY_EVENT).filter((registration) => isInterestedIn(registration, event)),
    ]);
    interested = new Map(pairs.filter(([, registrations]) => registrations.length > 0));
    profile.bySort.set(sort, interested);
  }
  return interested;
}

function sortOf({ resource, action }: ClusterEvent): string {
  return `${resource}/${action}`;
}
