#!/bin/sh
# Build a root of its own in this (private) mount namespace, then run a command there as an ordinary user.
#
#   enter.sh ROOT PLACE NAME UID GID HOME CWD KEEP [BIND]... -- COMMAND [ARGUMENT]...
#
# ROOT  root file system with HTCondor and Apptainer ("/": this machine's own)
# PLACE empty folder on which the new root is put together; seen by this namespace only
# HOME  host folder that becomes the user's home, /run/home
# CWD   folder to start in
# KEEP  1: the host's root stays reachable for root at /.host/root; 0: it is gone
# BIND  host path to be seen under the same path
set -eu

root=${1%/} place=$2 name=$3 uid=$4 gid=$5 home=$6 cwd=$7 keep=$8
shift 8

mount -t tmpfs -o mode=0755 osgrepro "$place"

for entry in "$root"/* ; do
    base=${entry##*/}
    case $base in
    proc | sys | dev | tmp | run | home | root | mnt | media | srv | lost+found) continue ;;
    esac
    if [ -L "$entry" ]; then
        cp -P "$entry" "$place/$base"
    elif [ -d "$entry" ]; then
        mkdir "$place/$base"
        mount --rbind "$entry" "$place/$base"
    fi
done
(umask 077 && mkdir "$place/.host")
mkdir "$place/proc" "$place/sys" "$place/dev" "$place/tmp" "$place/run" "$place/home" "$place/root" \
    "$place/mnt" "$place/media" "$place/srv" "$place/.host/etc" "$place/.host/root"

# A /proc of its own shows this PID namespace, and nothing of it is masked: Apptainer may mount its own below it.
mount -t proc proc "$place/proc" 2>/dev/null || mount --rbind /proc "$place/proc"
mount --rbind /sys "$place/sys"
mount --rbind /tmp "$place/tmp"

# The host's device nodes, except that the ordinary user may open /dev/fuse: without it Apptainer unpacks the
# image at every start. The host's own node keeps its mode.
mount --rbind /dev "$place/dev"
if [ -e /dev/fuse ] && ! setpriv --reuid "$uid" --regid "$gid" --clear-groups test -w /dev/fuse; then
    (umask 0 && mknod -m 666 "$place/.host/fuse" c 10 229 2>/dev/null) &&
        mount --bind "$place/.host/fuse" "$place/dev/fuse" || true
fi

# Who the user is, and the sub-ids that `apptainer build` wants.
for file in passwd group subuid subgid; do
    grep -sv "^$name:" "$root/etc/$file" >"$place/.host/etc/$file" || true
done
echo "$name:x:$uid:$gid:osgrepro:/run/home:/bin/sh" >>"$place/.host/etc/passwd"
echo "$name:x:$gid:" >>"$place/.host/etc/group"
echo "$name:524288:65536" | tee -a "$place/.host/etc/subuid" >>"$place/.host/etc/subgid"
for file in passwd group subuid subgid; do
    chmod 644 "$place/.host/etc/$file"
    [ -e "$place/etc/$file" ] || : >"$place/etc/$file"
    mount --bind "$place/.host/etc/$file" "$place/etc/$file"
done
mount --bind "$home" "$place/root"

# Name resolution and trust are the host's.
for file in /etc/resolv.conf /etc/hosts; do
    if [ -e "$file" ] && [ -f "$place$file" ] && [ ! -L "$place$file" ]; then
        mount --bind "$file" "$place$file"
    elif [ -e "$file" ] && [ -L "$place$file" ]; then
        real=$(readlink -f "$file")
        mkdir -p "$place${real%/*}"
        [ -e "$place$real" ] || cp "$real" "$place$real"
    fi
done
inside=/etc/ssl/certs/ca-certificates.crt
for file in "${SSL_CERT_FILE:-}" "$inside" /etc/pki/tls/certs/ca-bundle.crt; do
    if [ -n "$root" ] && [ -f "$file" ] && [ -f "$place$inside" ]; then
        mount --bind "$file" "$place$inside"
        break
    fi
done

expose() {
    case $1 in /tmp/*) return ;; esac
    if [ -d "$1" ]; then
        mkdir -p "$place$1"
    else
        mkdir -p "$place${1%/*}"
        [ -e "$place$1" ] || : >"$place$1"
    fi
    mount --rbind "$1" "$place$1"
}
while [ "$1" != -- ]; do
    expose "$1"
    shift
done
shift

# `apptainer build` covers /root with the user's home: so that is a copy of /root, and nothing below it is lost.
mkdir "$place/run/home" "$place/run/p"
chown "$uid:$gid" "$place/run/p"
mount --rbind "$place/root" "$place/run/home"

cd "$place"
if [ "$keep" = 1 ]; then
    pivot_root . .host/root
else
    pivot_root . .
    umount -l .
fi
cd "$cwd"

unset TMPDIR TMP TEMP XDG_RUNTIME_DIR XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME LD_LIBRARY_PATH LD_PRELOAD \
    PYTHONHOME PYTHONPATH
HOME=/run/home USER=$name LOGNAME=$name
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME USER LOGNAME PATH
# Apptainer moves on to a namespace of its own; the open file keeps this one, and thereby the paths in it, alive.
exec 9</proc/self/ns/mnt
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"
