#!/bin/bash
# Slurm of one node, on this machine, to try the profile before a real cluster sees it. As root,
# on Debian or Ubuntu:
#   apt-get install slurm-wlm munge && bash one_node.sh start
#   bash one_node.sh stop
# Without a database: Snakemake asks squeue for the state of its jobs.
set -euo pipefail
FOLDER=/var/lib/specrob-slurm

start() {
    [ -e /etc/munge/munge.key ] || /usr/sbin/create-munge-key
    install -d -o munge -g munge /run/munge /var/log/munge
    pgrep -x munged > /dev/null || runuser -u munge -- /usr/sbin/munged
    install -d "$FOLDER/state" "$FOLDER/spool" /etc/slurm
    cat > /etc/slurm/slurm.conf <<SETTINGS
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool
SlurmctldLogFile=$FOLDER/slurmctld.log
SlurmdLogFile=$FOLDER/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0,defer=0
JobRequeue=1
KillWait=30
MinJobAge=3600
ReturnToService=2
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(free -m | awk '/^Mem/ {print $2}') State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
SETTINGS
    slurmctld -i -c  # without the jobs of another time
    slurmd -c
    for _ in $(seq 30); do
        sinfo --noheader --format=%T 2> /dev/null | grep -qx "idle\|mixed\|allocated" && break
        sleep 1
    done
    sinfo
}

stop() {
    pkill -x slurmd || true
    pkill -x slurmctld || true
    pkill -x munged || true
}

"${1:-start}"
