/*
 * Jobs for a store that is asked over the network: run on threads of their
 * own, so that a request waits for one no longer than it is told to.
 */
#ifndef SESSION_SOCACHE_REMOTE_H
#define SESSION_SOCACHE_REMOTE_H

#include "job.h"

/**
 * In each child process, once.
 *
 * @param threads the most that ask at once
 * @param wait how long a request waits
 */
apr_status_t hss_remote_start(int threads, apr_interval_time_t wait);

/**
 * Runs a job. May block, for as long as was said at the start.
 *
 * @param job NULL afterwards when the request gave up: it is then no longer
 *        the caller's
 * @return the job's status, or APR_TIMEUP
 */
apr_status_t hss_remote_run(hss_job_t **job);

/** Whether another job runs beside the caller's. */
bool hss_remote_is_crowded(void);

#endif
