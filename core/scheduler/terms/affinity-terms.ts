/**
 * Inter-pod affinity terms of a pod, compiled: which namespaces, which labels, which topology key, which weight.
 * Source: Kubernetes v1.36, kube-scheduler/framework/types.go, plugins/interpodaffinity/plugin.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { PodTemplate } from '../../cluster/pod-template.ts';
import { compileLabelSelector, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { type Labels, namespaceOf, type Pod, type PodAffinityTerm } from '../../objects/types.ts';

export interface AffinityTerm {
  namespaces: ReadonlySet<string>;
  /** NOTHING where the term has none. */
  namespaceSelector: Selector;
  selector: Selector;
  topologyKey: string;
  /** 0 on required terms. */
  weight: number;
}

export interface AffinityTerms {
  required: readonly AffinityTerm[];
  requiredAnti: readonly AffinityTerm[];
  preferred: readonly AffinityTerm[];
  preferredAnti: readonly AffinityTerm[];
  /** The pod has a podAffinity or podAntiAffinity stanza, be it empty. */
  hasAny: boolean;
  /** A selector is malformed. The list it stands in counts as empty; as an incoming pod this one is refused. */
  malformed?: string;
}

const NO_TERMS: AffinityTerms = { required: [], requiredAnti: [], preferred: [], preferredAnti: [], hasAny: false };
const compiled = new WeakMap<Pod, AffinityTerms>();

const compiledMakes = new WeakMap<PodTemplate, AffinityTerms>();

/** The same, compiled once for all pods of one make. */
export function termsOfMake({ pod, template }: PodRequest): AffinityTerms {
  if (!template.hasPodAffinity) return NO_TERMS;
  let terms = compiledMakes.get(template);
  if (!terms) compiledMakes.set(template, (terms = compileTerms(pod)));
  return terms;
}

/** Compiled once per pod object. */
export function affinityTermsOf(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return NO_TERMS;
  let terms = compiled.get(pod);
  if (!terms) compiled.set(pod, (terms = compileTerms(pod)));
  return terms;
}

function compileTerms(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  let malformed: string | undefined;
  const compile = (terms: { weight: number; term: PodAffinityTerm }[]): AffinityTerm[] => {
    const list: AffinityTerm[] = [];
    for (const { weight, term } of terms) {
      const one = compileTerm(pod, term, weight);
      if (!one) {
        malformed ??= `'${JSON.stringify(term)}' has a malformed selector`;
        return [];
      }
      list.push(one);
    }
    return list;
  };
  const required = (terms: PodAffinityTerm[] = []) => terms.map((term) => ({ weight: 0, term }));
  const preferred = (terms: { weight: number; podAffinityTerm: PodAffinityTerm }[] = []) =>
    terms.map(({ weight, podAffinityTerm }) => ({ weight, term: podAffinityTerm }));
  return {
    required: compile(required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution)),
    requiredAnti: compile(required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)),
    preferred: compile(preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution)),
    preferredAnti: compile(preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution)),
    hasAny: true,
    malformed,
  };
}

function compileTerm(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm | undefined {
  const selector = compileLabelSelector(term.labelSelector);
  const namespaceSelector = compileLabelSelector(term.namespaceSelector);
  if (!selector || !namespaceSelector) return undefined;
  const listed = term.namespaces ?? [];
  const namespaces = listed.length === 0 && !term.namespaceSelector ? [namespaceOf(pod)] : listed;
  return { namespaces: new Set(namespaces), namespaceSelector, selector, topologyKey: term.topologyKey, weight };
}

/**
 * The incoming pod's own terms with the namespaces its selectors find now. The selector itself stays in place, as in
 * kube-scheduler, where the step that should clear it works on a copy: matched against no labels (`undefined` in
 * termMatches), a selector of only NotIn and DoesNotExist so takes in the pods of every namespace.
 */
export function expandNamespaces(terms: readonly AffinityTerm[], listers: Listers): readonly AffinityTerm[] {
  return terms.map((term) => {
    const { nothing, requirements } = term.namespaceSelector;
    if (nothing || requirements.length === 0) return term;
    const namespaces = new Set(term.namespaces);
    for (const { metadata } of listers.all('Namespace')) {
      if (selectorMatches(term.namespaceSelector, metadata.labels)) namespaces.add(metadata.name);
    }
    return { ...term, namespaces };
  });
}

/** `namespaceLabels` are those of the pod's namespace; undefined when the term's namespaces were expanded. */
export function termMatches(term: AffinityTerm, pod: Pod, namespaceLabels: Labels | undefined): boolean {
  return (
    (term.namespaces.has(namespaceOf(pod)) || selectorMatches(term.namespaceSelector, namespaceLabels)) &&
    selectorMatches(term.selector, pod.metadata.labels)
  );
}

/** Labels of the pod's namespace; none when nobody knows that namespace. */
export function namespaceLabelsOf(pod: Pod, listers: Listers): Labels | undefined {
  return listers.get('Namespace', namespaceOf(pod))?.metadata.labels;
}
