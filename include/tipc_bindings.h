/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What src/sys takes from the kernel's headers. Lines that begin with
 * "// bindgen: " are arguments of bindgen (read by src/Kbuild). With lockdep, bindgen
 * loses a field of the union in socket_lock_t, so that is taken as bytes.
 */
// bindgen: --opaque-type 'socket_lock_t__bindgen_ty_1'
// bindgen: --allowlist-type 'sock|proto|proto_ops|net_proto_family|socket|msghdr|net|sk_buff|net_generic|wait_queue_entry|sockopt|pernet_operations|genl_family|sock_flags|poll_table_struct|sockptr_t|sockaddr_tipc|sk_buff_list|sock_type|sockopt_t|skb_drop_reason|sockaddr_unsized|iov_iter|file'
// bindgen: --allowlist-function 'sk_alloc|sk_free|sock_init_data|sock_register|sock_unregister|proto_register|proto_unregister|register_pernet_subsys|unregister_pernet_subsys|__alloc_skb|alloc_skb_with_frags|sk_skb_reason_drop|skb_copy_datagram_from_iter|skb_copy_datagram_iter|sock_orphan|sock_put|sock_hold|sock_set_flag|sock_reset_flag|sock_flag|sock_poll_wait|wait_woken|woken_wake_function|add_wait_queue|remove_wait_queue|get_random_u32|_raw_spin_lock_bh|_raw_spin_unlock_bh|_raw_spin_trylock_bh|__spin_lock_init|copy_from_sockptr|copy_to_iter|_copy_to_iter|sk_sleep|sock_graft|genl_register_family|genl_unregister_family|sock_no_.*|sock_rcvtimeo|sock_intr_errno|signal_pending|sock_init_data|sock_gettstamp|skb_get|synchronize_rcu|kvfree_call_rcu|skb_copy_datagram_msg|skb_copy_bits|sk_set_socket|consume_skb|skb_shared|skb_copy|___pskb_trim|__pskb_pull_tail|put_cmsg|sk_drops_inc|get_current|net_generic|sock_no_socketpair'
// bindgen: --allowlist-var 'AF_TIPC|PF_TIPC|SOL_TIPC|TIPC_.*|E?POLL.*|GFP_.*|MSG_.*|jiffies|SHUTDOWN_MASK|RCV_SHUTDOWN|SHUT_RDWR|TASK_INTERRUPTIBLE|PAGE_ALLOC_COSTLY_ORDER|NUMA_NO_NODE'
// bindgen: --allowlist-function 'sk_reset_timer|sk_stop_timer|__msecs_to_jiffies|sock_error|security_sk_clone|sockptr_is_null'
// bindgen: --allowlist-function 'skb_clone|__pskb_copy_fclone|pskb_expand_head|skb_headroom'
// bindgen: --allowlist-function 'get_page|skb_fill_page_desc|skb_frag_page|page_ref_count|page_is_pfmemalloc|compound_order'
// bindgen: --allowlist-type 'timer_list|proto_accept_arg'
// bindgen: --allowlist-var 'O_NONBLOCK'
// bindgen: --allowlist-function 'genlmsg_put|genlmsg_reply|__nla_parse|nla_put|skb_trim'
// bindgen: --allowlist-type 'nla_policy|netlink_callback|genl_info|genl_ops|genl_dumpit_info|netlink_ext_ack|netlink_range_validation|nla_policy_validation|netlink_validation|genl_validate_flags|nlmsghdr|genlmsghdr'
// bindgen: --allowlist-var 'NLA_.*|NLM_F_.*|GENL_UNS_ADMIN_PERM'
// bindgen: --allowlist-function 'init_work_with_key|timer_init_key|delayed_work_timer_fn|mod_delayed_work_on|disable_delayed_work_sync|ktime_get'
// bindgen: --allowlist-type 'delayed_work|wq_misc_consts'
// bindgen: --allowlist-var 'system_dfl_wq|TIMER_IRQSAFE'
// bindgen: --allowlist-function 'sock_diag_register|sock_diag_unregister|sock_diag_save_cookie|nlmsg_put_answer|sk_user_ns|sock_i_ino|sk_uid|from_kuid_munged|sk_drops_read|__netlink_dump_start'
// bindgen: --allowlist-type 'sock_diag_handler|netlink_skb_parms|netlink_dump_control'
// bindgen: --allowlist-var 'SOCK_DIAG_BY_FAMILY|MAX_SKB_FRAGS'
// bindgen: --allowlist-function 'dev_add_pack|__dev_remove_pack|dev_get_by_name|dev_hold|dev_put|dev_hard_header|__dev_queue_xmit|register_netdevice_notifier|unregister_netdevice_notifier|rtnl_lock|rtnl_unlock|skb_share_check|netif_carrier_ok|netif_oper_up|netif_running|timer_init_key|mod_timer|timer_shutdown_sync|synchronize_net|dev_net|skb_cloned|skb_try_coalesce|kfree_skb_partial'
// bindgen: --allowlist-function 'local_bh_disable|local_bh_enable'
// bindgen: --allowlist-function 'skb_orphan'
// bindgen: --allowlist-function 'dev_add_offload|dev_remove_offload|skb_segment_list|skb_mac_header_len'
// bindgen: --allowlist-type 'packet_offload|netdev_features_t'
// bindgen: --allowlist-var 'NETIF_F_.*_BIT|SKB_GSO_.*|CHECKSUM_UNNECESSARY'
// bindgen: --allowlist-function '_copy_to_iter|_copy_from_iter|iov_iter_revert|__check_object_size'
// bindgen: --allowlist-type 'packet_type|skb_shared_info|notifier_block|netdev_notifier_info|net_device|netdev_cmd|ethhdr'
// bindgen: --allowlist-var 'PACKET_.*|NOTIFY_.*|ARPHRD_ETHER|IFNAMSIZ|ETH_ALEN|NET_RX_.*|SKB_ALLOC_FCLONE|NETIF_F_SG_BIT'
#include <linux/module.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/timer.h>
#include <linux/security.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/sock_diag.h>
#include <linux/socket.h>
#include <linux/sockptr.h>
#include <linux/tipc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/random.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>
