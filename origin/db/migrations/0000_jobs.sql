CREATE TABLE "jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"account" text NOT NULL,
	"subject" text NOT NULL,
	"tier" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"lane" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"engine_crashes" integer DEFAULT 0 NOT NULL,
	"run_deadline_ms" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"window_at" timestamp (3) with time zone,
	"not_before" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"heartbeat_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"waiting_for" text,
	"inputs" jsonb NOT NULL,
	"steps" jsonb NOT NULL,
	"secrets" text,
	"progress" jsonb NOT NULL,
	"warnings" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"results" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"timings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"scan" jsonb,
	"engine" jsonb,
	"problem" jsonb
);
--> statement-breakpoint
CREATE INDEX "jobs_backlog" ON "jobs" USING btree ("lane","state","seq");--> statement-breakpoint
CREATE INDEX "jobs_account" ON "jobs" USING btree ("account","seq");