import type { Answers, Bus } from '../contract/cluster.ts';
import type { EmitRequest, EmitResponse, Target } from '../contract/emission.ts';
import type { Page, RefusalInfo, RoomInfo, SocketInfo, UserInfo } from '../contract/resources.ts';
import type { NodeStats } from '../contract/stats.ts';
import type { RtServer } from './connection.ts';
import type { Core } from './core.ts';
import type { PageRequest, SketchedRoom } from './listing.ts';
import { mergePages, mergeRooms, mergeUsers, type Part } from './merge-pages.ts';
import { mergeRefusals, placeAfter } from './merge-refusals.ts';
import type { OrderedRefusal } from './refusals.ts';
import { countRecipients, resolveTarget } from './targets.ts';

/** The whole cluster, asked through any of its nodes; of a server that is alone, that server. */
export interface Everywhere {
  /** Are there other nodes, or may there be? */
  readonly isClustered: boolean;
  sockets(request: PageRequest & { user?: string | undefined; room?: string | undefined }): Promise<Page<SocketInfo>>;
  rooms(request: PageRequest & { prefix?: string | undefined }): Promise<Page<RoomInfo>>;
  users(request: PageRequest): Promise<Page<UserInfo>>;
  refusals(request: PageRequest): Promise<Page<RefusalInfo>>;
  /** How many connections ended. */
  kick(whom: Kick): Promise<{ closed: number; missingNodes?: number | null }>;
  /** Sends all of them in order, then counts the recipients on all nodes. */
  emit(requests: readonly EmitRequest[]): Promise<EmitResponse[]>;
  /** One entry a node, this one first; `undefined` where there is no cluster. */
  nodes(): Promise<{ nodes: NodeStats[]; missingNodes: number | null } | undefined>;
}

type Kick = { socketId: string } | { userId: string };

const ALONE: Answers<never> = { answers: [], missing: 0 };

export function createEverywhere(io: RtServer, core: Core, bus: Bus | undefined): Everywhere {
  const questions = {
    sockets: (request: Parameters<Everywhere['sockets']>[0]) => core.list.sockets(request),
    rooms: (request: Parameters<Everywhere['rooms']>[0]): Page<SketchedRoom> => core.list.rooms(request),
    users: (request: PageRequest) => core.list.users(request),
    refusals({ limit, cursor }: PageRequest): Page<OrderedRefusal> {
      const page = core.refusals(limit, placeAfter(cursor, core.node));
      return bus === undefined ? page : { ...page, items: page.items.map((item) => ({ ...item, node: core.node })) };
    },
    kick: (whom: Kick) =>
      'socketId' in whom ? core.closeSocket(whom.socketId, 'KICKED') : core.closeUser(whom.userId, 'KICKED'),
    count: (targets: (Target | null)[]) =>
      targets.map((target) => countRecipients(io, resolveTarget(io, target ?? undefined))),
    stats(): NodeStats {
      const { node, connections, users, slots } = core.stats();
      return { node, connections, users, slots, isDraining: core.isDraining };
    },
  };
  for (const [topic, handler] of Object.entries(questions)) bus?.answer(topic, handler as (question: never) => unknown);

  function askOthers<Answer>(topic: keyof typeof questions, question: unknown): Promise<Answers<Answer>> {
    return bus === undefined ? Promise.resolve(ALONE) : bus.ask<Answer>(topic, question);
  }

  /** A page of each node, made one. */
  async function collect<Item, Shown>(
    topic: 'sockets' | 'rooms' | 'users' | 'refusals',
    request: { limit: number },
    own: Page<Item>,
    merge: (parts: Part<Item>[], limit: number) => Page<Shown>,
  ): Promise<Page<Shown>> {
    const { answers, missing } = await askOthers<Page<Item>>(topic, request);
    return { ...merge([own, ...answers], request.limit), ...(missing !== 0 && { missingNodes: missing }) };
  }

  function toTarget({ to, except }: Pick<EmitRequest, 'to' | 'except'>): Target | undefined {
    const target = to === 'all' ? undefined : to;
    return except === undefined ? target : { ...target, except };
  }

  return {
    isClustered: bus !== undefined,
    sockets: (request) =>
      collect('sockets', request, questions.sockets(request), (parts, limit) =>
        mergePages(
          parts,
          limit,
          ({ id }) => id,
          ([first]) => first,
        ),
      ),
    rooms: (request) => collect('rooms', request, questions.rooms(request), mergeRooms),
    users: (request) => collect('users', request, questions.users(request), mergeUsers),
    refusals: (request) => collect('refusals', request, questions.refusals(request), mergeRefusals),
    async kick(whom) {
      const own = questions.kick(whom);
      const { answers, missing } = await askOthers<number>('kick', whom);
      return {
        closed: answers.reduce((sum, each) => sum + each, own),
        ...(missing !== 0 && { missingNodes: missing }),
      };
    },

    async emit(requests) {
      // All are sent before anything is waited for.
      const responses = requests.map(({ event, payload = null, ack, ...request }) => {
        const target = toTarget(request);
        return ack === undefined
          ? { target, emitted: core.emitter.emit(event, payload, target) }
          : { asked: core.emitter.emitDetailed(event, payload, target, ack) };
      });
      const uncounted = responses.filter((response) => response.emitted?.ok === true);
      const targets = uncounted.map(({ target }) => target ?? null);
      const { answers, missing } = targets.length === 0 ? ALONE : await askOthers<number[]>('count', targets);
      return Promise.all(
        responses.map(async (response): Promise<EmitResponse> => {
          if (response.asked !== undefined) {
            const { result, acks, missing: silent } = await response.asked;
            return { ...result, acks, ...(silent !== 0 && { missingNodes: silent }) };
          }
          if (!response.emitted.ok) return response.emitted;
          const at = uncounted.indexOf(response);
          const recipients = answers.reduce((sum, counts) => sum + (counts[at] ?? 0), response.emitted.recipients);
          return { ok: true, recipients, ...(missing !== 0 && { missingNodes: missing }) };
        }),
      );
    },

    async nodes() {
      if (bus === undefined) return undefined;
      const { answers, missing } = await askOthers<NodeStats>('stats', null);
      return { nodes: [questions.stats(), ...answers], missingNodes: missing };
    },
  };
}
