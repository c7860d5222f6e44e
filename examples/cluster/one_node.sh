#!/bin/bash
# Slurm of one node, on this machine, to try the profile before a real cluster sees it. As root,
# on Debian or Ubuntu, where no Slurm runs:
#   apt-get install slurm-wlm munge
#   bash one_node.sh start
#   bash one_node.sh stop
# All files lie in /var/lib/specrob-slurm, but for a link to its settings in /etc/slurm, where
# Snakemake's jobs look for them. There is no database: Snakemake asks squeue.
SPECROB_SLURM=/var/lib/specrob-slurm
LINK=/etc/slurm/slurm.conf

specrob_slurm_start() {
    if [ -e "$LINK" ] || pgrep -x slurmd > /dev/null; then
        echo "expected a machine without Slurm, found one; nothing was changed" >&2
        return 3
    fi
    mkdir -p "$SPECROB_SLURM/state" "$SPECROB_SLURM/spool" || return 1
    if ! pgrep -x munged > /dev/null; then
        [ -e /etc/munge/munge.key ] || /usr/sbin/create-munge-key || return 1
        install -d -o munge -g munge /run/munge /var/log/munge
        runuser -u munge -- /usr/sbin/munged || return 1
        touch "$SPECROB_SLURM/own_munged"
    fi
    mkdir -p /etc/slurm && ln -s "$SPECROB_SLURM/slurm.conf" "$LINK" || return 1
    cat > "$SPECROB_SLURM/slurm.conf" <<SETTINGS
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$SPECROB_SLURM/state
SlurmdSpoolDir=$SPECROB_SLURM/spool
SlurmctldLogFile=$SPECROB_SLURM/slurmctld.log
SlurmdLogFile=$SPECROB_SLURM/slurmd.log
SlurmctldPidFile=$SPECROB_SLURM/slurmctld.pid
SlurmdPidFile=$SPECROB_SLURM/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobRequeue=1
KillWait=30
MinJobAge=3600
ReturnToService=2
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(free -m | awk '/^Mem/ {print $2}')
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
SETTINGS
    slurmctld -i -c && slurmd -c || return 1  # -c: without the jobs of another time
    for _ in $(seq 30); do
        if sinfo --noheader --format=%T 2> /dev/null | grep -qx 'idle\|mixed\|allocated'; then
            sinfo
            return 0
        fi
        sleep 1
    done
    echo "expected a node that is up, found none after 30 s; see $SPECROB_SLURM/*.log" >&2
    return 1
}

specrob_slurm_stop() {
    for name in slurmd slurmctld; do
        [ -e "$SPECROB_SLURM/$name.pid" ] && kill "$(cat "$SPECROB_SLURM/$name.pid")"
    done
    [ -e "$SPECROB_SLURM/own_munged" ] && pkill -x munged && rm "$SPECROB_SLURM/own_munged"
    [ "$(readlink "$LINK")" = "$SPECROB_SLURM/slurm.conf" ] && rm "$LINK"
    return 0
}

case "${1-}" in
    start) specrob_slurm_start ;;
    stop) specrob_slurm_stop ;;
    *) echo "usage: one_node.sh start|stop" >&2; exit 2 ;;
esac
