/**
 * What pods of one make have in common, computed once: amounts, host ports, and a text that is equal for pods that every
 * built-in plugin treats alike. A pod is compared with those of a few recent makes first; only where it is of none of them
 * the text is written and looked up.
 */
import { type Container, isTerminating, namespaceOf, type Pod, type Volume } from '../objects/types.ts';
import { canonicalPairs } from './intern.ts';
import { measurePod, needsStatus, type PodMeasures, type ResourceIds } from './pod-measures.ts';
import { sameMake } from './same-make.ts';

export interface PodTemplate extends PodMeasures {
  /**
   * Fields that no plugin reads (environment, volumes without a claim, ports without a host port) are left out, and so is
   * spec.nodeName, which bound pods of one make differ in.
   */
  readonly text: string;
  /** Equal for pods that selectors cannot tell apart. */
  readonly labelText: string;
  /** Affinity or anti-affinity to pods, required or preferred. */
  readonly hasPodAffinity: boolean;
}

interface Stamp {
  /** The first pod of the make. */
  pod: Pod;
  namespace: string;
  controller: string;
  template: PodTemplate;
}

/** Templates kept by text; when full, all go, and come again as they are needed. */
const MAX_TEMPLATES = 16_384;
/** Makes that are known at a glance, by what their first container asks for; when full, all go. */
const MAX_STAMPS = 4096;
const RECENT = 16;

export class PodTemplates {
  readonly #scalarId: ResourceIds;
  readonly #byText = new Map<string, PodTemplate>();
  /** Glance → the last make that looked so. */
  readonly #stamps = new Map<string, Stamp>();
  /** The makes that came last: pods that share their spec with one are known by that. */
  readonly #recent: Stamp[] = [];
  #oldest = 0;
  /** Pods of one make come in a row. */
  #last: Stamp | undefined;

  constructor(scalarId: ResourceIds) {
    this.#scalarId = scalarId;
  }

  of(pod: Pod): PodTemplate {
    if (this.#last && isStampedBy(pod, this.#last)) return this.#last.template;
    for (const stamp of this.#recent) {
      if (stamp.pod.spec !== pod.spec || !isStampedBy(pod, stamp)) continue;
      this.#last = stamp;
      return stamp.template;
    }
    const glance = glanceOf(pod);
    const stamp = this.#stamps.get(glance);
    if (stamp && isStampedBy(pod, stamp)) {
      this.#last = stamp;
      return stamp.template;
    }
    // What a running pod's status adds to its requests is its own.
    if (needsStatus(pod)) return this.#make(pod, templateText(pod));
    const text = templateText(pod);
    let template = this.#byText.get(text);
    if (!template) {
      if (this.#byText.size >= MAX_TEMPLATES) this.#byText.clear();
      template = this.#make(pod, text);
      this.#byText.set(text, template);
    }
    if (isStampable(pod)) this.#remember(pod, template, glance);
    return template;
  }

  #remember(pod: Pod, template: PodTemplate, glance: string): void {
    if (this.#stamps.size >= MAX_STAMPS) this.#stamps.clear();
    this.#last = { pod, namespace: namespaceOf(pod), controller: controllerText(pod), template };
    this.#stamps.set(glance, this.#last);
    this.#recent[this.#oldest] = this.#last;
    this.#oldest = (this.#oldest + 1) % RECENT;
  }

  #make(pod: Pod, text: string): PodTemplate {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
    const hasPodAffinity = Boolean(podAffinity || podAntiAffinity);
    return { ...measurePod(pod, this.#scalarId), text, labelText: labelText(pod), hasPodAffinity };
  }
}

/** Most makes differ here. */
function glanceOf({ metadata, spec }: Pod): string {
  const { cpu, memory } = spec.containers?.[0]?.resources?.requests ?? {};
  return `${metadata.namespace}/${cpu}/${memory}`;
}

/** Everything in the text comes from spec, namespace, labels and controller: pods that share these share a template. */
export function isStampable(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp || needsStatus(pod)) return false;
  return !pod.spec.volumes?.some(({ ephemeral }) => ephemeral);
}

function isStampedBy(pod: Pod, stamp: Stamp): boolean {
  if (!sameMake(pod, stamp.pod) || namespaceOf(pod) !== stamp.namespace) return false;
  if (!sameLabels(pod.metadata.labels, stamp.pod.metadata.labels)) return false;
  return isStampable(pod) && controllerText(pod) === stamp.controller;
}

/** Default spreading looks at the controller. */
function controllerText({ metadata }: Pod): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner ? `${owner.apiVersion} ${owner.kind} ${owner.name}` : '';
}

function sameLabels(a: Pod['metadata']['labels'], b: Pod['metadata']['labels']): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  let more = 0;
  for (const key in a) {
    if (a[key] === undefined || a[key] !== b[key]) return false;
    more++;
  }
  for (const _ in b) more--;
  return more === 0;
}

function labelText(pod: Pod): string {
  return `${namespaceOf(pod)} ${isTerminating(pod)} ${canonicalPairs(pod.metadata.labels)}`;
}

/**
 * Written by hand for the fields that every pod has: JSON.stringify over the whole costs three times as much. Texts of
 * unknown content carry their length, so that no two lists of fields can read the same.
 */
function templateText(pod: Pod): string {
  const { spec } = pod;
  let text = `${sized(spec.schedulerName)}${labelText(pod)} ${spec.priority}${sized(controllerText(pod))}`;
  for (const container of spec.containers ?? []) text += containerText(container);
  text += '/';
  for (const container of spec.initContainers ?? []) text += containerText(container);
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, overhead, resources, hostNetwork } = spec;
  if (nodeSelector) text += ` nodeSelector${canonicalPairs(nodeSelector)}`;
  if (affinity) text += ` affinity${JSON.stringify(affinity)}`;
  if (tolerations) text += ` tolerations${JSON.stringify(tolerations)}`;
  if (topologySpreadConstraints) text += ` spread${JSON.stringify(topologySpreadConstraints)}`;
  if (overhead) text += ` overhead${JSON.stringify(overhead)}`;
  if (resources) text += ` resources${JSON.stringify(resources)}`;
  if (spec.volumes) text += volumesText(pod);
  if (spec.resourceClaims) text += ` claims${spec.resourceClaims.length}`;
  if (hostNetwork) text += ` host${spec.hostUsers}`;
  return text;
}

function sized(text: string | undefined): string {
  return text === undefined ? '-' : `${text.length}:${text}`;
}

function containerText({ image, resources, ports, restartPolicy, restartPolicyRules }: Container): string {
  let text = `;${sized(image)}${restartPolicy ?? ''}`;
  const requests = resources?.requests;
  for (const name in requests) text += `,${sized(name)}=${typeof requests[name]}${requests[name]}`;
  for (const port of ports ?? []) if (port.hostPort) text += ` port${JSON.stringify(port)}`;
  if (restartPolicyRules) text += ` rules${JSON.stringify(restartPolicyRules)}`;
  return text;
}

/** Ephemeral claims are named after the pod, and must be its own. */
function volumesText({ metadata, spec }: Pod): string {
  const read = (spec.volumes ?? []).filter(isRead);
  if (read.length === 0) return '';
  const own = read.some(({ ephemeral }) => ephemeral) ? `${metadata.name} ${metadata.uid}` : '';
  return ` volumes${JSON.stringify(read)}${own}`;
}

/** Volumes that some plugin looks at. */
function isRead(volume: Volume): boolean {
  const { persistentVolumeClaim, ephemeral, gcePersistentDisk, awsElasticBlockStore, iscsi, rbd } = volume;
  if (persistentVolumeClaim || ephemeral || gcePersistentDisk || awsElasticBlockStore || iscsi || rbd) return true;
  return Boolean(volume.azureDisk || volume.image);
}
