/** `serviceaccounts/NAME/token`: a token on request. Source: Kubernetes v1.36, pkg/registry/core/serviceaccount/storage/token.go. */
import type { KubeObject, Pod } from '../../../../core/index.ts';
import { badRequest, conflict, notFound, type StatusCause } from '../../http/status.ts';
import { isMap } from '../../object.ts';
import { answered, type Review, refuse, textOf, textsOf } from '../reviews/review.ts';
import type { Binding, Ref, ServiceAccountTokens } from './service-account-tokens.ts';

const GROUP = 'authentication.k8s.io';
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

/** Resources that a token may be bound to, by kind. */
const BINDABLE: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/**
 * The request with its status (token, expirationTimestamp). Throws NotFound for an account or bound object that is not
 * there, Invalid, BadRequest or Conflict for what the request says about them.
 */
export async function requestToken(
  request: Review,
  namespace: string,
  name: string,
  tokens: ServiceAccountTokens,
): Promise<KubeObject> {
  const { view, audiences: defaultAudiences } = tokens.settings;
  const account = view.get('', 'serviceaccounts', namespace, name);
  if (!account) throw notFound('', 'serviceaccounts', name);
  checkMetadata(request, namespace, name);
  refuse(request, GROUP, problemsOf(request));

  const lifeSeconds = secondsOf(request) ?? DEFAULT_SECONDS;
  const asked = textsOf(request.spec, 'audiences');
  const audiences = asked.length > 0 ? asked : defaultAudiences.slice(0, 1);
  const uid = account.metadata.uid ?? '';
  const binding = bindingOf(request, namespace, name, tokens);
  const status = await tokens.issue({ namespace, name, uid }, audiences, lifeSeconds, binding);
  const spec = { ...request.spec, audiences, expirationSeconds: lifeSeconds };
  const metadata = { ...request.metadata, name, namespace };
  return answered({ ...request, metadata, spec }, { ...status });
}

function checkMetadata({ metadata }: Review, namespace: string, name: string): void {
  if (metadata?.name && metadata.name !== name) {
    throw badRequest(
      `the service account name in the request (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata?.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

function secondsOf({ spec }: Review): number | undefined {
  return typeof spec?.expirationSeconds === 'number' ? spec.expirationSeconds : undefined;
}

function problemsOf(request: Review): StatusCause[] {
  const problems: StatusCause[] = [];
  const seconds = secondsOf(request) ?? DEFAULT_SECONDS;
  const wrong = (why: string): void => {
    const message = `Invalid value: ${seconds}: may not specify a duration ${why}`;
    problems.push({ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message });
  };
  if (seconds < MIN_SECONDS) wrong('less than 10 minutes');
  if (seconds > MAX_SECONDS) wrong('larger than 2^32 seconds');
  return problems;
}

function bindingOf({ spec }: Review, namespace: string, account: string, { settings }: ServiceAccountTokens): Binding {
  const ref = spec?.boundObjectRef;
  if (!isMap(ref)) return {};
  const kind = textOf(ref, 'kind');
  const resource = Object.hasOwn(BINDABLE, kind) && textOf(ref, 'apiVersion') === 'v1' ? BINDABLE[kind] : undefined;
  if (!resource) throw badRequest(`cannot bind token to object of type ${textOf(ref, 'apiVersion')}, Kind=${kind}`);
  const name = textOf(ref, 'name');
  const object = settings.view.get('', resource, kind === 'Node' ? '' : namespace, name);
  if (!object) throw notFound('', resource, name);
  const uid = object.metadata.uid ?? '';
  const asked = textOf(ref, 'uid');
  if (asked && asked !== uid) {
    const why = `the UID in the bound object reference (${asked}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict('', resource, name, why);
  }
  const bound: Ref = { name, uid };
  if (kind === 'Secret') return { secret: bound };
  return kind === 'Node' ? { node: bound } : { pod: bound, ...nodeOf(object as Pod, account, settings.view) };
}

function nodeOf(pod: Pod, account: string, view: ServiceAccountTokens['settings']['view']): Binding {
  if (pod.spec.serviceAccountName !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const name = pod.spec.nodeName;
  const uid = name ? view.get('', 'nodes', '', name)?.metadata.uid : undefined;
  return name && uid ? { node: { name, uid } } : {};
}
