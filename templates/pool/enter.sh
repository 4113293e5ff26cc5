# Build a root of its own in this (private) mount namespace, then run a command there as an ordinary user.
# Run as `sh -c 'eval "$1"' enter TEXT VERB …` with this text: root executes no file that it finds somewhere.
#
#   build ROOT PLACE NAME UID GID HOME SUBIDS CWD KEEP [BIND REAL]... -- COMMAND [ARGUMENT]...
#
# ROOT  root file system with HTCondor and Apptainer ("/": this machine's own)
# PLACE empty folder on which the new root is put together; seen by this namespace only
# HOME  host folder that becomes the user's home, /run/home
# SUBIDS first of 65,536 user and group ids that nobody has, for the user to map
# CWD   folder to start in
# KEEP  1: the host's root stays reachable, for root only, at /.host/root; 0: it is gone
# BIND  host path to be seen under the same path; REAL is the same without links, which would lead elsewhere in here
#
#   expose UID GID BIND REAL      in such a namespace with KEEP 1: let BIND be seen
set -eu
# What is made here is for the user, too, whatever the caller's umask.
umask 022
# The host's PATH may lead to folders that are the user's in here, such as a home: it is for the user's command alone.
usual=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

build() {
    root=${1%/} place=$2 name=$3 uid=$4 gid=$5 home=$6 subids=$7
    shift 7
    mount -t tmpfs -o mode=0755 osgrepro "$place"
    copy_top
    (umask 077 && mkdir "$place/.host")
    mkdir "$place/.host/etc" "$place/.host/root"
    mount_system
    mount_user
    mount_network
    # Apptainer moves on to a namespace of its own; the open file keeps this one, and so the paths in it, alive.
    exec 9</proc/self/ns/mnt
    # The new root goes over the old one (pivot_root is not installed everywhere); Apptainer wants its root to be a
    # mount.
    mount --rbind / "$place/.host/root"
    cd "$place"
    mount --move . /
    # This machine's own tools may be anywhere; those of a root of its own are not.
    if [ -n "$root" ]; then found=$usual; else found=$PATH:$usual; fi
    exec chroot . /bin/sh -c 'eval "$1"' enter "$text" inside "$found" "$name" "$uid" "$gid" "$@"
}

# What ROOT has at its top, without the folders that are the host's or empty.
copy_top() {
    for entry in "$root"/*; do
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
    for base in proc sys dev tmp run home root mnt media srv; do
        mkdir "$place/$base"
    done
}

mount_system() {
    # A /proc of its own shows this PID namespace, and nothing of it is masked: Apptainer may mount its own.
    mount -t proc proc "$place/proc" 2>/dev/null || mount --rbind /proc "$place/proc"
    mount --rbind /sys "$place/sys"
    mount --rbind /tmp "$place/tmp"
    # The host's device nodes, except that the user may open /dev/fuse: without it Apptainer unpacks the image at
    # every start. The host's own node keeps its mode.
    mount --rbind /dev "$place/dev"
    if [ -e /dev/fuse ] && ! as_user test -w /dev/fuse; then
        (umask 0 && mknod -m 666 "$place/.host/fuse" c 10 229 2>/dev/null) &&
            mount --bind "$place/.host/fuse" "$place/dev/fuse" || true
    fi
}

# Who the user is, with the sub-ids that mmdebstrap wants. Which ones the caller knows: any range may be other people's.
mount_user() {
    for file in passwd group subuid subgid; do
        grep -sv "^$name:" "$root/etc/$file" >"$place/.host/etc/$file" || true
    done
    echo "$name:x:$uid:$gid:osgrepro:/run/home:/bin/sh" >>"$place/.host/etc/passwd"
    echo "$name:x:$gid:" >>"$place/.host/etc/group"
    echo "$name:$subids:65536" | tee -a "$place/.host/etc/subuid" >>"$place/.host/etc/subgid"
    for file in passwd group subuid subgid; do
        chmod 644 "$place/.host/etc/$file"
        [ -e "$place/etc/$file" ] || : >"$place/etc/$file"
        mount --bind "$place/.host/etc/$file" "$place/etc/$file"
    done
    mount --bind "$home" "$place/root"
    mkdir "$place/run/home" "$place/run/p"
    chown "$uid:$gid" "$place/run/p"
}

# Name resolution and trust are the host's.
mount_network() {
    for file in /etc/resolv.conf /etc/hosts; do
        if [ -L "$place$file" ]; then
            real=$(readlink -f "$file")
            if [ -f "$real" ] && [ ! -e "$place$real" ]; then
                mkdir -p "$place${real%/*}"
                cp "$real" "$place$real"
            fi
        elif [ -f "$file" ] && [ -f "$place$file" ]; then
            mount --bind "$file" "$place$file"
        fi
    done
    inside=/etc/ssl/certs/ca-certificates.crt
    for file in "${SSL_CERT_FILE:-}" "$inside" /etc/pki/tls/certs/ca-bundle.crt; do
        if [ -n "$root" ] && [ -f "$file" ] && [ -f "$place$inside" ]; then
            mount --bind "$file" "$place$inside"
            break
        fi
    done
}

inside() {
    PATH=$usual found=$1 name=$2 uid=$3 gid=$4 cwd=$5 keep=$6
    export PATH
    shift 6
    while [ "$1" != -- ]; do
        expose "$1" "$2"
        shift 2
    done
    shift
    cd /
    # `apptainer build` covers /root with the user's home: so that is a copy of /root, and nothing below it is lost.
    mount --rbind /root /run/home
    [ "$keep" = 1 ] || umount -l /.host/root
    unset TMPDIR TMP TEMP XDG_RUNTIME_DIR XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME LD_LIBRARY_PATH LD_PRELOAD \
        PYTHONHOME PYTHONPATH
    HOME=/run/home USER=$name LOGNAME=$name
    export HOME USER LOGNAME
    exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- env --chdir="$cwd" PATH="$found" "$@"
}

# Let the user see the host's path $1, whose own name is $2. What is above it may be the user's, who may put a link in any place: so the way
# is gone a step at a time, and each step is checked when it was taken.
expose() {
    source=/.host/root$2
    if [ "$1" -ef "$source" ] && as_user test -e "$1"; then
        return
    fi
    cd /
    rest=${1#/}
    while [ "${rest#*/}" != "$rest" ]; do
        step "${rest%%/*}"
        # A folder above the path that the user may not enter is covered by an empty one, in this namespace.
        if ! as_user test -x .; then
            here=$(pwd -P)
            mount --no-canonicalize -t tmpfs -o mode=0755 osgrepro .
            cd "$here"
        fi
        rest=${rest#*/}
    done
    if [ -d "$source" ]; then
        # What was shown under this name before and is another folder by now, such as a removed one that was made anew.
        [ -L "./$rest" ] || umount --no-canonicalize -l "./$rest" 2>/dev/null || :
        step "$rest"
        mount --no-canonicalize --rbind "$source" .
    else
        if as_user test -w .; then
            echo "$1: is a file in a folder of the user's own, which may change its name: show its folder" >&2
            exit 1
        fi
        [ -e "./$rest" ] || : >"./$rest"
        mount --bind "$source" "./$rest"
    fi
}

# Go to the folder $1 in this one, made if need be, by no link but one that the user could not have put here.
step() {
    above=$(pwd -P)
    if [ -L "./$1" ] && ! as_user test -w .; then
        cd "./$1"
        return
    fi
    [ -d "./$1" ] || mkdir "./$1"
    cd "./$1"
    same "$(pwd -P)" "$above" "$1"
}

same() {
    if [ "$1" != "${2%/}/$3" ]; then
        echo "${2%/}/$3: is a link in the user's own folder, which root does not follow" >&2
        exit 1
    fi
}

as_user() {
    setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"
}

text=$1 verb=$2
shift 2
case $verb in
build) build "$@" ;;
inside) inside "$@" ;;
expose)
    PATH=$usual uid=$1 gid=$2
    export PATH
    expose "$3" "$4"
    ;;
esac
