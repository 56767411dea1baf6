DROP INDEX "jobs_backlog";--> statement-breakpoint
DROP INDEX "jobs_account_state";--> statement-breakpoint
CREATE INDEX "jobs_test_created" ON "jobs" USING btree ("account","created_at") WHERE not "jobs"."livemode";--> statement-breakpoint
CREATE INDEX "jobs_unended" ON "jobs" USING btree ("account","state") WHERE "jobs"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor","seq");--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target","seq");--> statement-breakpoint
CREATE INDEX "invitations_email_lower" ON "invitations" USING btree (lower("email"));--> statement-breakpoint
ALTER TABLE "jobs" SET (fillfactor = 85);
