/** The one place where messages pass between the extension host and the dashboard's webview. */
import type * as vscode from "vscode";
import * as z from "zod";
import type { DashboardToHost, HostToDashboard } from "../protocol/dashboard.js";
import { controlRequests } from "../protocol/stages.js";

/** What a webview may say. It shows text from models and corpora, so nothing it sends is taken on trust. */
const incomingSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("request"), request: z.enum([...controlRequests, "resume"]) }),
  z.strictObject({ type: z.literal("open"), what: z.enum(["report", "recipe", "log", "checkpoint"]) }),
]) satisfies z.ZodType<DashboardToHost>;

/** @returns the message, or null when it is none of ours. */
export function parseIncoming(message: unknown): DashboardToHost | null {
  return incomingSchema.safeParse(message).data ?? null;
}

/** A typed line to one webview. */
export class DashboardTransport {
  constructor(private readonly webview: vscode.Webview) {}

  /** Whether it was delivered: a hidden webview takes nothing. */
  send(message: HostToDashboard): Thenable<boolean> {
    return this.webview.postMessage(message);
  }

  onMessage(listener: (message: DashboardToHost) => void, onRefused: (message: unknown) => void): vscode.Disposable {
    return this.webview.onDidReceiveMessage((raw: unknown) => {
      const message = parseIncoming(raw);
      if (message === null) onRefused(raw);
      else listener(message);
    });
  }
}
