/** The one transport between the extension host and its webview panels: typed both ways, checked at the border. */
import type * as vscode from "vscode";
import * as z from "zod";
import { pictureFormats, type DashboardToHost } from "../protocol/dashboard.js";
import { sampleSets, type InspectorToHost } from "../protocol/sampleInspector.js";
import { controlRequests } from "../protocol/stages.js";

/** A picture of more than this was not made by our page. */
const mostBytes = 64 << 20;
const bytes = z.instanceof(Uint8Array).refine((value) => value.byteLength <= mostBytes);
const count = z.int().nonnegative();

/** What the dashboard may say. A page shows text from models and corpora, so nothing it sends is taken on trust. */
export const dashboardMessages = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("request"), request: z.enum([...controlRequests, "resume", "retry"]) }),
  z.strictObject({ type: z.literal("open"), what: z.enum(["report", "recipe", "log", "checkpoint", "samples"]) }),
  z.strictObject({ type: z.literal("compare"), directories: z.array(z.string()).max(8) }),
  z.strictObject({ type: z.literal("log"), wanted: z.boolean() }),
  z.strictObject({ type: z.literal("prompt"), promptHash: z.string().max(200) }),
  z.strictObject({
    type: z.literal("export"),
    format: z.enum(pictureFormats),
    name: z.string().max(200),
    data: z.union([z.string().max(mostBytes), bytes]),
  }),
]) satisfies z.ZodType<DashboardToHost>;

/** What the sample inspector may say. */
export const inspectorMessages = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready"), set: z.enum(sampleSets), sample: count }),
  z.strictObject({ type: z.literal("pick"), set: z.enum(sampleSets), sample: count }),
  z.strictObject({ type: z.literal("random"), set: z.enum(sampleSets) }),
  z.strictObject({ type: z.literal("search"), set: z.enum(sampleSets), text: z.string().min(1).max(1000), after: count }),
  z.strictObject({ type: z.literal("open"), path: z.string().min(1), offset: count }),
]) satisfies z.ZodType<InspectorToHost>;

/** A typed line to one webview. */
export class ViewTransport<Outgoing, Incoming> {
  constructor(
    private readonly webview: vscode.Webview,
    private readonly incoming: z.ZodType<Incoming>,
  ) {}

  /** Whether it was delivered: a hidden webview takes nothing. */
  send(message: Outgoing): Thenable<boolean> {
    return this.webview.postMessage(message);
  }

  /** @param onRefused told of what is no message of ours */
  onMessage(listener: (message: Incoming) => void, onRefused: (message: unknown) => void): vscode.Disposable {
    return this.webview.onDidReceiveMessage((raw: unknown) => {
      const parsed = this.incoming.safeParse(raw);
      if (parsed.success) listener(parsed.data);
      else onRefused(raw);
    });
  }
}
